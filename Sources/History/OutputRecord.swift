import Model

/// One command that was run for a step.
package struct OutputRecord: Hashable, Sendable {
    /// The reconcile's id.
    package var reconcile: Int
    /// The step's id.
    package var step: Int
    /// What was run and what it said.
    package var command: CommandRecord
    /// When it ended.
    package var at: Timestamp

    /// All parts.
    package init(reconcile: Int, step: Int, command: CommandRecord, at: Timestamp) {
        self.reconcile = reconcile
        self.step = step
        self.command = command
        self.at = at
    }
}
