/// One machine of an environment's inventory, with what its groups give it.
package struct Host: Hashable, Sendable, Codable {
    /// Unique in its environment.
    package var name: String
    /// What ssh connects to: a name, an address, or an alias of its own configuration.
    package var address: String
    /// Nil where the manifest says nothing.
    package var port: Int?
    /// As whom; nil where the manifest says nothing.
    package var user: String?
    /// The machine in between: `host`, `user@host:port`, or several with commas; nil where there is none.
    package var jump: String?
    /// The private key's path on this machine; nil where the agent and ssh's own configuration decide.
    package var identity: String?
    /// How to become root: `sudo`, or `none` where the environment's default shall not hold; nil for the default.
    package var become: String?
    /// What selections and batches go by.
    package var labels: [String: String]
    /// What templates and commands may name: a string or a secret each.
    package var vars: [String: Value]
    /// The groups that it is in, sorted.
    package var groups: [String]
    /// Where it stands in `environment.yaml`.
    package var place: Place

    /// All parts.
    package init(
        name: String, address: String, port: Int? = nil, user: String? = nil, jump: String? = nil,
        identity: String? = nil, become: String? = nil, labels: [String: String] = [:], vars: [String: Value] = [:],
        groups: [String] = [], place: Place = Place()
    ) {
        self.name = name
        self.address = address
        self.port = port
        self.user = user
        self.jump = jump
        self.identity = identity
        self.become = become
        self.labels = labels
        self.vars = vars
        self.groups = groups
        self.place = place
    }

    /// By what a host is told from others whose manifest says no port. ssh's own configuration may say another one.
    package static let usualPort = 22
}
