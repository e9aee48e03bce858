import Model

/// What a person asked of the process that holds the state folder.
package struct Request: Hashable, Sendable, Identifiable {
    /// What is asked.
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case pause, resume, abort, rollback, forget, wake, approve, reject
    }

    /// Given by the store; newer ones are larger.
    package var id: Int
    /// What is asked.
    package var kind: Kind
    /// The environment's name; empty where it concerns all.
    package var environment: String
    /// What more is to be said, such as the revision to go back to.
    package var argument: String?
    /// When it was asked.
    package var createdAt: Timestamp
    /// When it was answered; nil while it waits.
    package var doneAt: Timestamp?
    /// Whether it was done; nil while it waits.
    package var succeeded: Bool?
    /// The answer, one sentence; nil while it waits.
    package var result: String?

    /// All parts.
    package init(
        id: Int, kind: Kind, environment: String, argument: String? = nil, createdAt: Timestamp,
        doneAt: Timestamp? = nil, succeeded: Bool? = nil, result: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.environment = environment
        self.argument = argument
        self.createdAt = createdAt
        self.doneAt = doneAt
        self.succeeded = succeeded
        self.result = result
    }
}
