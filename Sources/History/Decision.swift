import Model

/// What a named person said to a step that asks for an approval.
package struct Decision: Hashable, Sendable {
    /// Whether it may go on; else it has failed.
    package var isApproved: Bool
    /// Who said so: hostile text.
    package var person: String
    /// The digest of the plan that was decided on.
    package var plan: Digest
    /// When.
    package var at: Timestamp

    /// All parts.
    package init(isApproved: Bool, person: String, plan: Digest, at: Timestamp) {
        self.isApproved = isApproved
        self.person = person
        self.plan = plan
        self.at = at
    }
}
