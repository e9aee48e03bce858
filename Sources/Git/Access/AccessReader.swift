import Model
import Processes

/// Reads the secrets of a source and asks its credential program, just before a fetch.
struct AccessReader {
    let configuration: GitSourceConfiguration
    let address: RepositoryAddress
    let memory: CredentialMemory

    private var access: GitAccess { configuration.access }

    /// Throws `.authentication` with the secret that cannot be read, and what `CredentialAsking` throws.
    func read(deadline: ContinuousClock.Instant) async throws(SourceError) -> FetchAccess {
        var read = FetchAccess(transport: access.transport, user: access.user, tls: access.tls)
        if let path = configuration.environment["PATH"], !path.isEmpty { read.searchPath = path }
        switch address.kind {
        case .local: return FetchAccess()
        case .ssh: read.ssh = try ssh()
        case .network(_, let isHTTP) where isHTTP:
            read.token = try access.token.map { text throws(SourceError) in try value(of: text, "token") }
            read.proxy = try proxy()
            guard read.token == nil, let program = access.credentials else { break }
            let answer: CredentialAsking.Answer
            if let known = memory.answer {
                answer = known
            } else {
                answer = try await CredentialAsking(configuration: configuration, address: address)
                    .ask(program, deadline: deadline)
                memory.keep(answer)
            }
            read.token = answer.password
            read.user = answer.user ?? read.user
        case .network: break
        }
        return read
    }

    private func ssh() throws(SourceError) -> SSHSettings {
        let home = configuration.environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        let own = home.map { ["\($0)/.ssh/known_hosts"] } ?? []
        let agent = configuration.environment["SSH_AUTH_SOCK"].flatMap { $0.isEmpty ? nil : $0 }
        var settings = SSHSettings(
            key: access.ssh.key, knownHosts: access.ssh.knownHosts.map { [$0] } ?? own + ["/etc/ssh/ssh_known_hosts"],
            usesAgent: access.ssh.usesAgent, agent: agent)
        settings.passphrase = try access.ssh.passphrase.map { text throws(SourceError) in
            try value(of: text, "passphrase")
        }
        settings.ownKeys = home.map { home in ["id_ed25519", "id_ecdsa", "id_rsa"].map { "\(home)/.ssh/\($0)" } } ?? []
        for jump in access.ssh.jump?.split(separator: ",") ?? [] {
            guard let host = SSHAddress(host: jump.filter { $0 != " " }) else {
                throw SourceError(
                    .configuration, "\"\(VisibleText.line(String(jump), limit: 200))\" is no host to jump through",
                    advice: "write ssh.jump as USER@HOST:PORT")
            }
            settings.jump.append(host)
        }
        return settings
    }

    private func proxy() throws(SourceError) -> ProxySettings? {
        guard let proxy = access.proxy else { return nil }
        let schemes = ["http://", "https://", "socks5://", "socks5h://"]
        let rest = schemes.first { proxy.url.lowercased().hasPrefix($0) }.map { proxy.url.dropFirst($0.count) }
        let isPlain = proxy.url.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F }
        guard let rest, isPlain, !rest.contains("@"), !rest.hasPrefix("-"), !rest.isEmpty else {
            throw SourceError(
                .configuration, "the proxy is no http://HOST:PORT",
                advice: "write proxy.url so, and its user and password into proxy.user and proxy.password")
        }
        return ProxySettings(
            url: proxy.url, user: proxy.user,
            password: try proxy.password.map { text throws(SourceError) in try value(of: text, "proxy's password") })
    }

    private func value(of text: Text, _ name: String) throws(SourceError) -> String {
        switch text {
        case .plain(let value): return value
        case .secret(let reference):
            do throws(SecretError) {
                return try SecretReader.read(reference).withBytes { String(decoding: $0, as: UTF8.self) }
            } catch {
                throw SourceError(
                    .authentication, "the git \(name) cannot be read: \(error)", advice: "put the secret in its place")
            }
        }
    }
}
