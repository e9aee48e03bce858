/// One command that was run for a step, kept for `show`.
package struct CommandRecord: Hashable, Sendable, Codable {
    /// What it was for: `apply`, `remove`, `health`, `smoke`.
    package var purpose: String
    /// `exit 0`, `exit 3`, `signal 9`, `timed out after 60s`.
    package var status: String
    /// How long it ran.
    package var duration: TimeSpan
    /// What it said on both outputs: redacted and capped; control characters are still in it.
    package var output: String

    /// All parts.
    package init(purpose: String, status: String, duration: TimeSpan, output: String) {
        self.purpose = purpose
        self.status = status
        self.duration = duration
        self.output = output
    }
}
