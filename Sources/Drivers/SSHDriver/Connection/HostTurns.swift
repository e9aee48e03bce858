import Processes
import Synchronization

/// What all connections to one host share: only one of them acts at a time, and each knows whose turn it was last.
final class HostTurns: Sendable {
    /// Whoever acts has it.
    let acts = Slots(1, heedsCancellation: false)
    private let last = Mutex<[String: String]>([:])

    /// Whose turn it was last, by the folder of the host where that is kept: each account has its own. Nil where that is not
    /// known.
    func last(in folder: String?) -> String? { folder.flatMap { folder in last.withLock { $0[folder] } } }

    func keep(_ turn: String?, in folder: String?) {
        if let folder { last.withLock { $0[folder] = turn } }
    }
}
