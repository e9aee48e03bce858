import Model

/// What an input meant and how it fared in an environment.
package struct InputRecord: Hashable, Sendable {
    /// The environment's name.
    package var environment: String
    /// The input's id.
    package var input: Digest
    /// The commit it was first read at.
    package var commit: String
    /// What it asked for, whole.
    package var desired: Desired
    /// When it last passed; nil if never.
    package var goodAt: Timestamp?
    /// When it last failed; nil if never.
    package var failedAt: Timestamp?

    /// All parts.
    package init(
        environment: String, input: Digest, commit: String, desired: Desired, goodAt: Timestamp?,
        failedAt: Timestamp?
    ) {
        self.environment = environment
        self.input = input
        self.commit = commit
        self.desired = desired
        self.goodAt = goodAt
        self.failedAt = failedAt
    }

    /// It passed, and did not fail since.
    package var isGood: Bool {
        guard let goodAt else { return false }
        return failedAt.map { $0 < goodAt } ?? true
    }
}
