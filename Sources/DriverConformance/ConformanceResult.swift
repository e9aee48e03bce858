/// What one check came to.
package struct ConformanceResult: Hashable, Sendable {
    /// How a check may end.
    package enum Outcome: String, Hashable, Sendable {
        case passed, failed
        /// It could not be tried; the text says what it needs.
        case skipped
    }

    /// The check's name, `apply-again`.
    package var check: String
    /// How it ended.
    package var outcome: Outcome
    /// What was seen instead, or why it was not tried; for a check that passed, what was tried. One sentence.
    package var text: String

    /// All parts.
    package init(check: String, outcome: Outcome, text: String) {
        self.check = check
        self.outcome = outcome
        self.text = text
    }
}
