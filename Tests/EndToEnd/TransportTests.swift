import Foundation
import TestSupport
import Testing

/// Repositories behind servers, from `reconcile.yaml` to the record.
@Suite struct TransportTests {
    private func serve(
        _ world: World, key type: String, passphrase: String = "", _ body: @Sendable (SSHServer) async throws -> Void
    ) async throws {
        let key = try await TestTool.sshKey("deploy", type: type, passphrase: passphrase, in: world.root)
        try await world.repository.commit([
            "staging/environment.yaml": World.environment("interval: 1h"), "staging/web.yaml": world.workload(),
        ])
        try await SSHServer.serve(in: world.root, authorized: SSHServer.gitOnly(key)) { server in
            try Data(server.knownHosts.utf8).write(to: URL(filePath: world.root + "/hosts"))
            try await body(server)
        }
    }

    @Test func aPassOverSSHSaysWhatItWasFetchedBy() async throws {
        try await World.with { world in
            try await serve(world, key: "ed25519") { server in
                try Data("ssh: {key: deploy, known_hosts: hosts}\n".utf8)
                    .write(to: URL(filePath: world.root + "/reconcile.yaml"))
                let url = server.url(world.repository.path)
                let pass = await world.pass("--repo", url, "-v")
                #expect(try pass.outcome("staging") == "applied", "\(pass.output) \(pass.errors)")
                let source = try (pass.json()["sources"] as? [[String: Any]])?.first
                #expect(source?["transport"] as? String == "fetched by libgit2")
                #expect(pass.errors.contains("fetched by libgit2"))
                #expect(await world.reconcile("show", "1").output.contains("fetched by libgit2"))
                let doctor = await world.reconcile("doctor", "--repo", url).output
                #expect(doctor.contains("with 1 environment; fetched by libgit2"), "\(doctor)")
                #expect(doctor.contains("OpenSSH_"), "\(doctor)")
                let bare = await world.reconcile("doctor", "--repo", url, environment: ["PATH": world.root]).output
                #expect(bare.contains("the ssh command cannot be run"), "\(bare)")
                #expect(bare.contains("the git command cannot be run"), "\(bare)")
                #expect(bare.contains("fetched by libgit2"), "\(bare)")

                try Data("\(server.name) \(server.hostKeys["ed25519"] ?? "")\n".utf8)
                    .write(to: URL(filePath: world.root + "/hosts"))
                let other = await world.reconcile("doctor", "--repo", url).output
                #expect(other.contains("fetched by the git command, because libgit2 was shown a host key"), "\(other)")
                try Data("x ssh-ed25519 AAAA\n".utf8).write(to: URL(filePath: world.root + "/hosts"))
                let unknown = await world.reconcile("doctor", "--repo", url)
                #expect(unknown.status == 1)
                #expect(
                    unknown.output.contains("the host key of \(server.name) is not known: hosts does not list it"),
                    "\(unknown.output)")
            }
        }
    }

    @Test func theGitCommandServesWhatTheLibraryCannot() async throws {
        let passphrase = "planted-passphrase-5be0"
        try await World.with { world in
            try await serve(world, key: "rsa", passphrase: passphrase) { server in
                let url = server.url(world.repository.path)
                try Data(
                    "ssh: {key: deploy, known_hosts: hosts, passphrase: {secret: {env: PASSPHRASE}}}\n".utf8
                ).write(to: URL(filePath: world.root + "/reconcile.yaml"))
                let pass = await world.pass("--repo", url, "-v", environment: ["PASSPHRASE": passphrase])
                #expect(try pass.outcome("staging") == "applied", "\(pass.output) \(pass.errors)")
                let sentence = "fetched by the git command, because libgit2 cannot use keys of type ssh-rsa"
                #expect(pass.errors.contains(sentence))
                #expect(await world.reconcile("show", "1").output.contains(sentence))
                let wrong = await world.pass("--repo", url, environment: ["PASSPHRASE": "x" + passphrase])
                #expect(wrong.status == 1)
                #expect(wrong.output.contains("the passphrase of the key deploy is wrong"), "\(wrong.output)")
                #expect(!(pass.output + pass.errors + wrong.output + wrong.errors).contains(passphrase))
                let alone = await world.reconcile("doctor", "--repo", url)
                #expect(alone.output.contains("the git passphrase cannot be read"), "\(alone.output)")
            }
            let files = FileManager.default.enumerator(atPath: world.state)?.compactMap { $0 as? String } ?? []
            for file in files {
                let data = FileManager.default.contents(atPath: world.state + "/" + file) ?? Data()
                #expect(data.firstRange(of: Data(passphrase.utf8)) == nil, "\(file)")
            }
        }
    }

    @Test func settingsOfAServerAreChecked() async throws {
        try await World.with { world in
            let text =
                "transport: telnet\nssh: {key: a, known_host: b}\ncredentials: {helper: a, command: b}\nproxy: {}\n"
            try Data(text.utf8).write(to: URL(filePath: world.root + "/reconcile.yaml"))
            let pass = await world.reconcile("status")
            #expect(pass.status == 1)
            for words in [
                "reconcile.yaml:1:12", "did you mean \"known_hosts\"", "reconcile.yaml:3:",
                "reconcile.yaml:4:8: error: missing key `url`",
            ] {
                #expect(pass.errors.contains(words), "\(words): \(pass.errors)")
            }
        }
    }
}
