/// A question that must be answered before a plan may go on.
package struct Gate: Hashable, Sendable, Codable {
    /// How it stands.
    package enum State: String, Hashable, Sendable, Codable {
        case passed, failed, waiting
    }

    /// `approval`, `after`, `max_delete`, ….
    package var name: String
    /// How it stands.
    package var state: State
    /// Why, and what would end it.
    package var reason: String
    /// When it is looked at again or opens by itself; nil where only a person or a commit ends it.
    package var until: Timestamp?
    /// The step of a rollout that waits at it; nil where the whole plan does.
    package var step: Int?

    /// All parts.
    package init(name: String, state: State, reason: String, until: Timestamp? = nil, step: Int? = nil) {
        self.name = name
        self.state = state
        self.reason = reason
        self.until = until
        self.step = step
    }
}
