import Model

/// What came of one request to a plugin.
struct PluginAnswer: Sendable {
    enum Outcome: Sendable {
        case result(PluginMessage.Result)
        /// It says itself that it could not; redacted.
        case error(String)
        /// It was not asked: the message would be too long.
        case tooLong
        case timedOut
        case cancelled
        /// It was gone before it answered.
        case died(PluginFailure)
    }

    var outcome: Outcome
    /// What it said meanwhile: redacted and capped.
    var output: String
    var duration: TimeSpan
}
