import Model

/// A person, or a failure with `on_failure: pause`, stopped an environment.
package struct Pause: Hashable, Sendable, Codable {
    /// Why, and what would end it: one sentence.
    package var reason: String
    /// Since when.
    package var since: Timestamp

    /// Both parts.
    package init(reason: String, since: Timestamp) {
        self.reason = reason
        self.since = since
    }
}
