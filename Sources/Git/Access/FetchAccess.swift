/// What a worker is told of a repository beyond its address: as `GitAccess`, with the secrets read.
struct FetchAccess: Codable {
    var transport = Transport.auto
    var user: String?
    var token: String?
    var ssh = SSHSettings()
    var tls = TLSAccess()
    var proxy: ProxySettings?
    /// Why the git command was needed last time; then `auto` does not try the library again.
    var limit: String?
    /// Where programs are looked for.
    var searchPath = "/usr/local/bin:/usr/bin:/bin"

    /// Whether anything goes along that no other server may see.
    var holdsCredentials: Bool { token != nil || tls.certificate != nil }

    /// What may stand in no message.
    var secrets: [String] { [token, ssh.passphrase, proxy?.password].compactMap { $0 }.filter { !$0.isEmpty } }
}
