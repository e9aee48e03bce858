import Model

/// One step of a reconcile and how far it came.
package struct StepRecord: Hashable, Sendable {
    /// The reconcile's id.
    package var reconcile: Int
    /// The whole step, as it was planned.
    package var step: Step
    /// How far it is.
    package var state: Step.State
    /// When it first began; nil before.
    package var startedAt: Timestamp?
    /// When it was done, failed or skipped; nil before.
    package var finishedAt: Timestamp?
    /// Since when what it waits for has been healthy without a break; nil where it is not, or is not asked.
    package var healthySince: Timestamp?
    /// What is to be known of it; nil where there is nothing.
    package var detail: String?

    /// All parts.
    package init(
        reconcile: Int, step: Step, state: Step.State = .planned, startedAt: Timestamp? = nil,
        finishedAt: Timestamp? = nil, healthySince: Timestamp? = nil, detail: String? = nil
    ) {
        self.reconcile = reconcile
        self.step = step
        self.state = state
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.healthySince = healthySince
        self.detail = detail
    }

    /// Counts from 1 within the reconcile.
    package var id: Int { step.id }
    /// What sort of act.
    package var kind: Step.Kind { step.kind }
    /// Nil for what concerns the whole environment.
    package var workload: String? { step.workload }
    /// Nil for what concerns no single instance.
    package var instance: String? { step.instance }
    /// One line for people.
    package var text: String { step.text }
}
