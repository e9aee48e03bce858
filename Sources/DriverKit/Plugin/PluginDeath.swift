import Model
import Processes

/// How a plugin's process ended.
struct PluginDeath: Sendable {
    var failure: PluginFailure
    /// When, on the monotonic clock.
    var at: Int64
    /// How long it lived.
    var life: TimeSpan
    /// Whether it should have lived on.
    var wasWanted: Bool
}

extension CommandResult.Ending {
    /// What became of a plugin, as the end of a sentence.
    var sentence: String {
        switch self {
        case .exited(let code): "ended by itself with exit \(code)"
        case .signaled(let signal): "was ended by signal \(signal)"
        case .timedOut, .cancelled: "was killed"
        case .notStarted(let reason): "could not start: \(reason)"
        }
    }
}
