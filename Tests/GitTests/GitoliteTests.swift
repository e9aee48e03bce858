import FoundationEssentials
import Git
import Model
import TestSupport
import Testing

/// Debian's gitolite3, in a home of its own.
@Suite struct GitoliteTests {
    @Test(arguments: Transport.both)
    func fetchesFromGitolite(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            let home = fixture.folder + "/gitolite"
            try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
            let key = try await TestTool.sshKey("admin", in: fixture.folder)
            let environment = ["HOME": home, "USER": "git", "GIT_CONFIG_NOSYSTEM": "1"]
            try await TestTool.run(
                "gitolite", ["setup", "-pk", fixture.folder + "/admin.pub"], in: home, environment: environment)
            try await fixture.repository.git(
                "push", "--quiet", home + "/repositories/testing.git", "main",
                environment: ["GL_BYPASS_ACCESS_CHECKS": "1", "HOME": home, "GL_LIBDIR": "/usr/share/gitolite3/lib"])
            let shell = "env HOME=\(home) PATH=/usr/bin:/bin /usr/share/gitolite3/gitolite-shell"
            let stranger = try await TestTool.sshKey("stranger", in: fixture.folder)
            let authorized =
                "command=\"\(shell) admin\",restrict \(key)\ncommand=\"\(shell) stranger\",restrict \(stranger)\n"
            try await SSHServer.serve(in: fixture.folder, authorized: authorized) { server in
                _ = try fixture.file("known_hosts", server.knownHosts)
                let url = server.url("/testing")
                let source = fixture.source(url, access: fixture.ssh(transport, key: "admin"))
                #expect(try await source.fetch().commit == fixture.repository.head())
                #expect(source.transport?.transport == transport)
                let denied = await fixture.source(
                    server.url("/gitolite-admin"), access: fixture.ssh(transport, key: "stranger")
                ).fetchFailure()
                #expect(denied?.code == .repositoryMissing, "\(denied?.description ?? "")")
                #expect(denied?.message.contains("DENIED") == true)
            }
        }
    }
}
