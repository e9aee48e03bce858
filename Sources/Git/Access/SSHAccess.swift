import Model

/// How we sign in over ssh, and which hosts we believe.
package struct SSHAccess: Hashable, Sendable {
    /// The private key's file. Nil for the agent's keys or, where it has none, the user's own.
    package var key: String?
    /// What the key's file is encrypted with, read anew for each fetch.
    package var passphrase: Text?
    /// The only file of host keys that is believed; nil for the user's and the machine's.
    package var knownHosts: String?
    /// Whether the agent's keys are used and nothing else.
    package var usesAgent: Bool
    /// Hosts that lead there, `[USER@]HOST[:PORT]`, the nearest first, with commas between them.
    package var jump: String?

    /// All parts.
    package init(
        key: String? = nil, passphrase: Text? = nil, knownHosts: String? = nil, usesAgent: Bool = false,
        jump: String? = nil
    ) {
        self.key = key
        self.passphrase = passphrase
        self.knownHosts = knownHosts
        self.usesAgent = usesAgent
        self.jump = jump
    }
}
