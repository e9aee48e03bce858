import Synchronization

/// Says, from one thread to another, that time was over.
final class StartFlag: Sendable {
    private let flag = Mutex(false)

    var isSet: Bool { flag.withLock { $0 } }

    func set() { flag.withLock { $0 = true } }
}
