import Glibc

/// What the git command is told by way of its environment: nobody's configuration counts but this.
struct GitEnvironment {
    let address: RepositoryAddress
    let access: FetchAccess
    /// The repository that is fetched into.
    let mirror: String
    /// The call of ssh, for an ssh address.
    let ssh: SSHCommand?

    var variables: [String: String] {
        var variables = [
            "PATH": access.searchPath, "LC_ALL": "C", "HOME": "/nonexistent", "GIT_DIR": mirror,
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": address.protocols,
        ]
        // So that a start after a crash finds it.
        if let run = getenv("RECONCILE_RUN") { variables["RECONCILE_RUN"] = String(cString: run) }
        let settings = configuration
        variables["GIT_CONFIG_COUNT"] = String(settings.count)
        for (index, setting) in settings.enumerated() {
            variables["GIT_CONFIG_KEY_\(index)"] = setting.0
            variables["GIT_CONFIG_VALUE_\(index)"] = setting.1
        }
        // While git runs we do, too, and so this names our binary even if its file was replaced.
        let ourselves = "/proc/\(getpid())/exe"
        if let host = address.webHost, let token = access.token {
            variables["GIT_ASKPASS"] = ourselves
            variables[Askpass.host] = host
            variables[Askpass.password] = token
        }
        if ssh != nil, let passphrase = access.ssh.passphrase {
            variables["SSH_ASKPASS"] = ourselves
            variables["SSH_ASKPASS_REQUIRE"] = "force"
            variables[Askpass.passphrase] = passphrase
        }
        return variables
    }

    private var configuration: [(String, String)] {
        var settings = [
            ("core.hooksPath", "/dev/null"), ("safe.directory", "*"), ("gc.auto", "0"), ("maintenance.auto", "false"),
            ("transfer.fsckObjects", "true"), ("fetch.unpackLimit", "1"), ("credential.helper", ""),
            ("fetch.recurseSubmodules", "false"), ("advice.detachedHead", "false"),
        ]
        if let ssh { settings += [("core.sshCommand", ssh.line), ("ssh.variant", "ssh")] }
        guard address.webHost != nil else { return settings }
        settings += [
            // With credentials no redirect is followed: they are for the configured server alone.
            ("http.followRedirects", access.holdsCredentials ? "false" : "initial"), ("http.sslVerify", "true"),
            ("http.proxy", access.proxy?.address ?? ""), ("credential.username", access.user ?? "git"),
        ]
        let files = [
            ("http.sslCAInfo", access.tls.authorities), ("http.sslCert", access.tls.certificate),
            ("http.sslKey", access.tls.key),
        ]
        return settings + files.compactMap { name, file in file.map { (name, $0) } }
    }
}
