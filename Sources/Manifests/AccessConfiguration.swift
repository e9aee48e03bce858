import Model

/// What `reconcile.yaml` says of how a repository is reached. Nil is what it does not say; paths are as they stand there.
package struct AccessConfiguration: Hashable, Sendable {
    /// `auto`, `libgit2` or `git`.
    package var transport: String?
    /// The user.
    package var user: String?
    /// The token or password for http and https.
    package var token: Text?
    /// A git credential helper.
    package var helper: String?
    /// A command that prints credentials.
    package var command: String?
    /// The private key for ssh.
    package var key: String?
    /// What opens it.
    package var passphrase: Text?
    /// The file of host keys.
    package var knownHosts: String?
    /// Whether the agent's keys alone are used.
    package var usesAgent = false
    /// The hosts that lead there.
    package var jump: String?
    /// The file of trusted authorities for https.
    package var authorities: String?
    /// Our own certificate.
    package var certificate: String?
    /// Its private key.
    package var certificateKey: String?
    /// The proxy's address.
    package var proxy: String?
    /// Who signs in at the proxy.
    package var proxyUser: String?
    /// The proxy's password.
    package var proxyPassword: Text?

    /// Says nothing.
    package init() {}

    init(_ value: Value) {
        transport = value["transport"].string
        user = value["user"].string
        token = Text(value["token"])
        helper = value["credentials"]["helper"].string
        command = value["credentials"]["command"].string
        let (ssh, tls, proxy) = (value["ssh"], value["tls"], value["proxy"])
        key = ssh["key"].string
        passphrase = Text(ssh["passphrase"])
        knownHosts = ssh["known_hosts"].string
        usesAgent = ssh["agent"] == .bool(true)
        jump = ssh["jump"].string
        authorities = tls["ca"].string
        certificate = tls["certificate"].string
        certificateKey = tls["key"].string
        self.proxy = proxy["url"].string
        proxyUser = proxy["user"].string
        proxyPassword = Text(proxy["password"])
    }
}
