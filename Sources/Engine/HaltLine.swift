import Planning
import Synchronization

/// The line on which people, newer commits and the end of the process reach a rollout that is under way.
final class HaltLine: Sendable {
    private struct State {
        var listener: (@Sendable (RolloutState.Halt) -> Void)?
    }

    private let state = Mutex(State())

    /// Asks the rollout under way to halt; false where there is none.
    @discardableResult
    func halt(_ halt: RolloutState.Halt) -> Bool {
        let listener = state.withLock { $0.listener }
        listener?(halt)
        return listener != nil
    }

    func listen(_ listener: (@Sendable (RolloutState.Halt) -> Void)?) {
        state.withLock { $0.listener = listener }
    }
}
