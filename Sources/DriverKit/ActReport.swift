import Model

/// What came of one try of an act.
package struct ActReport: Sendable {
    /// Nil where it was done; else one sentence, redacted.
    package var failure: String?
    /// What was run, in order: for `show`.
    package var commands: [CommandRecord]
    /// What was seen right after the act, where the driver looked: then nobody asks again.
    package var observed: Observation?

    /// All parts.
    package init(failure: String?, commands: [CommandRecord], observed: Observation? = nil) {
        self.failure = failure
        self.commands = commands
        self.observed = observed
    }
}

/// What came of asking for an instance's health.
package struct HealthReport: Sendable {
    /// A failure means "not yet".
    package var verdict: Verdict
    /// What was run, in order.
    package var commands: [CommandRecord]

    /// All parts.
    package init(verdict: Verdict, commands: [CommandRecord]) {
        self.verdict = verdict
        self.commands = commands
    }
}
