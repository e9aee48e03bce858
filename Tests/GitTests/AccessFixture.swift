import FoundationEssentials
import Git
import Model
import TestSupport
import Testing

/// What several suites say of a transport.
extension Transport {
    /// Those that must do the same.
    static let both: [Transport] = [.libgit2, .git]
}

extension Fixture {
    /// The newest commit of the repository.
    var head: String { get async throws { try await repository.head() } }

    /// Writes a file of this test's own, for its owner only, and returns its path.
    func file(_ name: String, _ content: String, mode: Int = 0o600) throws -> String {
        let path = folder + "/" + name
        try Data(content.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    /// Makes a key pair and serves the repositories to it. The private key is `folder/key`.
    func withSSH(
        key type: String = "ed25519", hostKeys: [String] = ["ed25519", "ecdsa"], passphrase: String = "",
        _ body: @Sendable (SSHServer) async throws -> Void
    ) async throws {
        let key = try await TestTool.sshKey("key", type: type, passphrase: passphrase, in: folder)
        try await SSHServer.serve(in: folder, hostKeys: hostKeys, authorized: SSHServer.gitOnly(key)) { server in
            _ = try file("known_hosts", server.knownHosts)
            try await body(server)
        }
    }

    /// Signs in with `folder/key` and believes `folder/known_hosts`.
    func ssh(
        _ transport: Transport, key: String = "key", knownHosts: String = "known_hosts", passphrase: Text? = nil
    ) -> GitAccess {
        GitAccess(
            transport: transport,
            ssh: SSHAccess(key: folder + "/" + key, passphrase: passphrase, knownHosts: folder + "/" + knownHosts))
    }
}
