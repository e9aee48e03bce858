import Model

/// Why an environment's input is not tried again until that input changes or a person resumes.
package struct Hold: Hashable, Sendable, Codable {
    /// What led to it.
    package enum Kind: String, Hashable, Sendable, Codable {
        /// The input failed.
        case failed
        /// A person rolled back; newer commits do not end it.
        case pinned
        /// Drift could not be repaired.
        case drift
    }

    /// The input that is held; nil where every input is.
    package var input: Digest?
    /// What led to it.
    package var kind: Kind
    /// Why, and what would end it: one sentence.
    package var reason: String
    /// Since when.
    package var since: Timestamp
    /// The input that is reconciled meanwhile; nil where nothing is.
    package var target: Digest?

    /// All parts.
    package init(input: Digest?, kind: Kind, reason: String, since: Timestamp, target: Digest?) {
        self.input = input
        self.kind = kind
        self.reason = reason
        self.since = since
        self.target = target
    }
}
