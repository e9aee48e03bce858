/// How an environment's hosts are reached, where a host says nothing else.
package struct SSHSettings: Hashable, Sendable, Codable {
    /// The file of host keys in the source; nil where the state folder's own is used.
    package var knownHosts: String?
    /// The private key's path on this machine; nil where the agent and ssh's own configuration decide.
    package var identity: String?
    /// A configuration of ssh on this machine; nil where the user's own is used.
    package var config: String?
    /// As whom; nil where ssh decides.
    package var user: String?
    /// Nil where ssh decides.
    package var port: Int?
    /// The machine in between; nil where there is none.
    package var jump: String?
    /// How to become root: `sudo` or `none`.
    package var become: String
    /// How long a connection may take to open.
    package var connectTimeout: TimeSpan
    /// How many connections may be being opened at once.
    package var connections: Int
    /// The pause between two signs of life.
    package var keepAlive: TimeSpan

    /// All parts; the defaults are those of the manifest.
    package init(
        knownHosts: String? = nil, identity: String? = nil, config: String? = nil, user: String? = nil,
        port: Int? = nil, jump: String? = nil, become: String = "none", connectTimeout: TimeSpan = .seconds(10),
        connections: Int = 30, keepAlive: TimeSpan = .seconds(15)
    ) {
        self.knownHosts = knownHosts
        self.identity = identity
        self.config = config
        self.user = user
        self.port = port
        self.jump = jump
        self.become = become
        self.connectTimeout = connectTimeout
        self.connections = connections
        self.keepAlive = keepAlive
    }
}
