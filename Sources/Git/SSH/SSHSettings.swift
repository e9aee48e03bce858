/// As `SSHAccess`, with the passphrase read and the surroundings looked up.
struct SSHSettings: Codable, Equatable {
    var key: String?
    var passphrase: String?
    /// The files of host keys, all of them believed.
    var knownHosts: [String] = []
    var usesAgent = false
    /// The agent's socket, if there is an agent.
    var agent: String?
    var jump: [SSHAddress] = []
    /// The user's own keys, in the order in which they are tried.
    var ownKeys: [String] = []
}
