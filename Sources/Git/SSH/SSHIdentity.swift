import Glibc
import Model

/// Which key signs in.
enum SSHIdentity {
    case file(PrivateKeyFile)
    /// An agent's socket, and the types of the keys that it holds.
    case agent(String, types: [String])

    /// What was configured or, where nothing was, the agent's keys, else the first of the user's own. Throws
    /// `.authentication` with the place where a key should have been.
    init(_ settings: SSHSettings, shown: String) throws(SourceError) {
        func refuse(_ what: String, _ advice: String) -> SourceError {
            SourceError(.authentication, "cannot sign in to \(shown): \(what)", advice: advice)
        }
        if settings.usesAgent {
            guard let agent = settings.agent else {
                throw refuse("SSH_AUTH_SOCK names no agent", "start reconcile where an ssh agent runs, or set ssh.key")
            }
            guard let types = SSHAgent.keyTypes(socket: agent) else {
                throw refuse(
                    "no ssh agent answers at \(VisibleText.line(agent))", "start the agent again, or set ssh.key")
            }
            guard !types.isEmpty else { throw refuse("the ssh agent holds no key", "add one with `ssh-add`") }
            self = .agent(agent, types: types)
            return
        }
        if settings.key == nil, let agent = settings.agent, let types = SSHAgent.keyTypes(socket: agent), !types.isEmpty
        {
            self = .agent(agent, types: types)
            return
        }
        guard let path = settings.key ?? settings.ownKeys.first(where: { access($0, F_OK) == 0 }) else {
            throw refuse("there is no key", "set ssh.key, or ssh.agent for the keys of an agent")
        }
        let visible = VisibleText.line(path)
        do throws(PrivateKeyFile.Unusable) {
            let key = try PrivateKeyFile(path)
            guard !key.isEncrypted || settings.passphrase != nil else {
                throw PrivateKeyFile.Unusable(
                    reason: "is encrypted, and no passphrase is set", advice: "set ssh.passphrase, or use an agent")
            }
            self = .file(key)
        } catch {
            throw refuse("the key \(visible) \(error.reason)", error.advice)
        }
    }

    /// Fit for messages.
    var shown: String {
        switch self {
        case .file(let key): "the key \(VisibleText.line(key.path))"
        case .agent: "the keys of the ssh agent"
        }
    }

    /// Why the library cannot use it; nil where it can. Its ssh library signs for RSA keys with SHA-1 alone, which
    /// servers have refused since 2021, and knows neither hardware keys nor certificates.
    var limit: String? {
        switch self {
        case .file(let key):
            return SSHIdentity.isKnown(key.type)
                ? nil : "libgit2 cannot use keys of type \(VisibleText.line(key.type ?? "PKCS #8", limit: 60))"
        case .agent(_, let types):
            guard let other = types.first(where: { !SSHIdentity.isKnown($0) }) else { return nil }
            return "libgit2 cannot use keys of type \(VisibleText.line(other, limit: 60)), and the agent has one"
        }
    }

    private static func isKnown(_ type: String?) -> Bool {
        ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"].contains(type)
    }
}
