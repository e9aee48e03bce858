import Processes
import Synchronization

/// Tells our own acts from what others do. Nothing relies on it being right.
final class ContainerBook: Sendable {
    private struct State {
        /// Containers that we are taking away, with when their last event may still come.
        var leaving: [String: Int64] = [:]
    }

    private let state = Mutex(State())

    /// What happens to this container from now on is our own doing, until `time` of the monotonic clock.
    func leave(_ id: String, until time: Int64) {
        state.withLock { state in
            state.leaving[id] = time
            if state.leaving.count > 256 {
                let now = Monotonic.now
                state.leaving = state.leaving.filter { $0.value > now }
            }
        }
    }

    /// Whether an event of this container is our own doing.
    func isLeaving(_ id: String) -> Bool {
        state.withLock { ($0.leaving[id] ?? 0) > Monotonic.now }
    }
}
