import FoundationEssentials
import Glibc
import Model
import Processes

/// A real `sshd` in the foreground, with host keys and authorized keys of its own. Every login is for the user who runs the
/// tests, and gets what its line of `authorized_keys` says.
package struct SSHServer: Sendable {
    /// Where it listens.
    package let address: String
    /// The port there.
    package let port: Int
    /// Its public host keys by type, `ssh-ed25519 AAAA…`.
    package let hostKeys: [String: String]
    /// Who signs in.
    package let user: String

    /// What `known_hosts` calls it.
    package var name: String { port == 22 ? address : "[\(address)]:\(port)" }

    /// What `known_hosts` says of its keys.
    package var knownHosts: String { hostKeys.values.sorted().map { "\(name) \($0)\n" }.joined() }

    /// The address of a repository, by its absolute path.
    package func url(_ path: String) -> String { "ssh://\(user)@\(address):\(port)\(path)" }

    /// The line of `authorized_keys` that lets a key use git and nothing else.
    package static func gitOnly(_ key: String) -> String {
        #"command="git-shell -c \"$SSH_ORIGINAL_COMMAND\"",restrict "# + key + "\n"
    }

    /// Keeps its keys in `folder` and lends the server until `body` ends. `authorized` is the whole `authorized_keys`.
    /// An `authority`, a private key in `folder`, signs the host key of type ed25519.
    package static func serve<R: Sendable>(
        in folder: String, hostKeys types: [String] = ["ed25519", "ecdsa"], authorized: String,
        authority: String? = nil, address: String = "127.0.0.1", port: Int? = nil,
        _ body: @Sendable (SSHServer) async throws -> R
    ) async throws -> R {
        // Where it gives up its rights.
        if geteuid() == 0 { mkdir("/run/sshd", 0o755) }
        let port = try port ?? TestServer.freePort()
        let home = folder + "/sshd-\(port)"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        var keys: [String: String] = [:]
        var lines = [
            "ListenAddress \(address)", "Port \(port)", "AuthorizedKeysFile \(home)/authorized_keys", "UsePAM no",
            "StrictModes no", "PermitRootLogin yes", "PasswordAuthentication no", "KbdInteractiveAuthentication no",
            "KexAlgorithms curve25519-sha256", "PidFile none", "LogLevel ERROR", "UseDNS no", "MaxStartups 100",
        ]
        for type in types {
            keys[type] = try await TestTool.sshKey("host_\(type)", type: type, in: home)
            lines.append("HostKey \(home)/host_\(type)")
        }
        if let authority {
            try await TestTool.run(
                "ssh-keygen",
                ["-q", "-s", "\(folder)/\(authority)", "-h", "-I", "host", "-n", address, "host_ed25519.pub"],
                in: home)
            lines.append("HostCertificate \(home)/host_ed25519-cert.pub")
        }
        try Data(authorized.utf8).write(to: URL(filePath: home + "/authorized_keys"))
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: home + "/sshd_config"))
        let user = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? ""
        let command = Command(
            "/usr/sbin/sshd", ["-D", "-e", "-f", home + "/sshd_config"], environment: ["PATH": "/usr/bin:/bin"],
            timeout: .seconds(600))
        let server = SSHServer(address: address, port: port, hostKeys: keys, user: user)
        return try await TestServer.run(command, address: address, port: port) { try await body(server) }
    }
}
