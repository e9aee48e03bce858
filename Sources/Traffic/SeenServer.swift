/// A server as a balancer says that it is.
package struct SeenServer: Hashable, Sendable {
    /// Whether requests go there.
    package enum State: String, Hashable, Sendable {
        /// Requests go there by its weight.
        case ready
        /// They would, and the balancer's own check says that nobody answers.
        case down
        /// It gets nothing new and finishes what it has.
        case draining
        /// It gets nothing.
        case out
    }

    /// Its name in the balancer.
    package var name: String
    /// Which requests it is for.
    package var group: ServerGroup
    /// `HOST:PORT`, or `[ADDRESS]:PORT`.
    package var address: String
    /// To be seen beside those of its group.
    package var weight: Int
    /// Whether requests go there.
    package var state: State
    /// How many requests it answers just now; nil where the balancer cannot say.
    package var sessions: Int?

    /// All parts.
    package init(
        name: String, group: ServerGroup = .everyone, address: String, weight: Int, state: State = .ready,
        sessions: Int? = nil
    ) {
        self.name = name
        self.group = group
        self.address = address
        self.weight = weight
        self.state = state
        self.sessions = sessions
    }

    /// Whether requests are sent there, or would be if it answered.
    package var takesPart: Bool { (state == .ready || state == .down) && weight > 0 }
}
