import Model

/// Where a rollout's life is. Persisted as it stands; nothing else says in which phase a rollout is.
package enum RolloutState: Hashable, Sendable, Codable {
    /// Which way it goes.
    package enum Direction: String, Hashable, Sendable, Codable {
        case forward, back
    }

    /// Why no further step is begun.
    package enum Halt: Hashable, Sendable, Codable {
        case failed(Failure)
        /// A newer input takes over; the reason names its commit.
        case superseded(String)
        /// A person paused the environment.
        case paused(String)
        /// Nothing is left to do before what the gate says has come.
        case waiting(Gate)
        /// The process is asked to end; the next start goes on.
        case ending
    }

    /// Steps are being done.
    case going(Direction)
    /// No step is begun; those under way come to their end.
    case halting(Direction, Halt)
    /// Nothing is under way; after a failure the way back is to be chosen, else it waits to be resumed.
    case halted(Direction, Halt)
    /// Final.
    case ended(Outcome, reason: String)
}
