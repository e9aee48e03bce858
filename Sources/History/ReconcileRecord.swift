import Model

/// One recorded pass over one environment.
package struct ReconcileRecord: Hashable, Sendable, Identifiable {
    /// From `Journal.nextReconcileID`; newer ones are larger.
    package var id: Int
    /// The environment's name.
    package var environment: String
    /// The commit it reconciled; nil where there was none to read.
    package var commit: String?
    /// The tag by which the source came to that commit; nil where it follows a branch: hostile text.
    package var tag: String?
    /// What made it happen.
    package var trigger: Trigger
    /// How it ended; nil while it is open.
    package var outcome: Outcome?
    /// Why, and what would change it: one sentence.
    package var reason: String
    /// The commit's author, or who asked: hostile text.
    package var author: String
    /// The commit's subject: hostile text.
    package var subject: String
    /// When it began.
    package var startedAt: Timestamp
    /// When it ended; nil while it is open.
    package var finishedAt: Timestamp?
    /// The input it brings the environment to.
    package var input: Digest?
    /// What is wrong in the manifests.
    package var problems: [Problem]
    /// What stands or stood in the way.
    package var gates: [Gate]
    /// Things to know, a sentence each.
    package var notes: [String]

    /// All parts.
    package init(
        id: Int, environment: String, commit: String?, tag: String? = nil, trigger: Trigger, outcome: Outcome? = nil,
        reason: String = "", author: String = "", subject: String = "", startedAt: Timestamp,
        finishedAt: Timestamp? = nil, input: Digest? = nil, problems: [Problem] = [], gates: [Gate] = [],
        notes: [String] = []
    ) {
        self.id = id
        self.environment = environment
        self.commit = commit
        self.tag = tag
        self.trigger = trigger
        self.outcome = outcome
        self.reason = reason
        self.author = author
        self.subject = subject
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.input = input
        self.problems = problems
        self.gates = gates
        self.notes = notes
    }
}
