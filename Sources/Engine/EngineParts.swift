import Checks
import History
import Model
import Processes

/// The parts that every environment works with.
struct EngineParts: Sendable {
    var store: Store
    var journal: Journal
    var source: any Source
    /// The source's name; nil for the only one.
    var sourceName: String?
    var drivers: DriverRegistry
    var loader: Loader
    var materials: Materials
    var observer: Observer
    var executor: Executor
    var checker: Checker
    var notifier: Notifier
    var emit: EventSink
}
