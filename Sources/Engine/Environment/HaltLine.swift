import Planning
import Synchronization

/// The line on which people, newer commits and the end of the process reach a rollout that is under way.
final class HaltLine: Sendable {
    private struct State {
        var listener: (@Sendable (RolloutState.Halt?) -> Void)?
        var isEnding = false
    }

    private let state = Mutex(State())

    /// Asks the rollout under way to halt; false where there is none.
    @discardableResult
    func halt(_ halt: RolloutState.Halt) -> Bool {
        let listener = state.withLock { state in
            if halt == .ending { state.isEnding = true }
            return state.listener
        }
        listener?(halt)
        return listener != nil
    }

    /// What a step of the rollout under way waits for may have come; false where there is none.
    func look() -> Bool {
        let listener = state.withLock(\.listener)
        listener?(nil)
        return listener != nil
    }

    /// Whether the process is asked to end.
    var isEnding: Bool { state.withLock(\.isEnding) }

    /// Nil asks the listener to look. The end of the process reaches also a rollout that begins after it was asked for.
    func listen(_ listener: (@Sendable (RolloutState.Halt?) -> Void)?) {
        let isEnding = state.withLock { state in
            state.listener = listener
            return state.isEnding
        }
        if isEnding { listener?(.ending) }
    }
}
