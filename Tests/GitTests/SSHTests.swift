import FoundationEssentials
import Git
import Glibc
import Model
import Processes
import TestSupport
import Testing

@Suite struct SSHTests {
    private static let passphrase = "planted-passphrase-77c1"

    @Test(arguments: Transport.both)
    func fetchesWithAKey(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            try await fixture.withSSH { server in
                let url = server.url(fixture.repository.path)
                let source = fixture.source(url, access: fixture.ssh(transport))
                let first = try await source.fetch()
                #expect(source.transport?.transport == transport)
                #expect(try await source.fetch() == first)
                let second = try await fixture.repository.commit(["a": "1"])
                #expect(try await source.fetch().commit == second)
                let forced = try await fixture.repository.rewrite(["a": "2"])
                #expect(try await source.fetch().commit == forced)
                #expect(try await source.revision(second).commit == second)
                #expect(try await source.tree(at: forced).environments().map(\.name) == ["staging"])

                let gone = await fixture.source(url + "x", access: fixture.ssh(transport)).fetchFailure()
                #expect(gone?.code == .repositoryMissing, "\(gone?.description ?? "")")
                let branch = await fixture.source(url, branch: "gone", access: fixture.ssh(transport)).fetchFailure()
                #expect(branch?.code == .branchMissing)
                #expect(branch?.advice.contains("there are main") == true)
            }
        }
    }

    @Test(arguments: Transport.both)
    func followsTags(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            let first = try await fixture.head
            try await fixture.repository.git("tag", "-a", "-m", "One", "v1.0.0")
            try await fixture.repository.commit(["a": "1"])
            try await fixture.repository.git("tag", "v0.9.0")
            try await fixture.withSSH { server in
                let source = fixture.source(
                    server.url(fixture.repository.path),
                    following: .tag(TagRule(pattern: NamePattern("v*"), range: nil)),
                    access: fixture.ssh(transport))
                #expect(try await source.fetch().commit == first)
                let second = try await fixture.repository.commit(["a": "2"])
                try await fixture.repository.git("tag", "-a", "-m", "Two", "v1.1.0")
                let found = try await source.fetch()
                #expect(found.commit == second)
                #expect(found.tag == "v1.1.0")
            }
        }
    }

    /// Port 22 of an address that no other test uses, because a short address can name no other port.
    @Test(.enabled(if: geteuid() == 0), arguments: Transport.both)
    func fetchesFromAShortAddress(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            let key = try await TestTool.sshKey("key", in: fixture.folder)
            let address = "127.\(Int.random(in: 1...254)).\(Int.random(in: 0...254)).\(Int.random(in: 1...254))"
            try await SSHServer.serve(
                in: fixture.folder, authorized: SSHServer.gitOnly(key), address: address, port: 22
            ) { server in
                _ = try fixture.file("known_hosts", server.knownHosts)
                let source = fixture.source(
                    "\(server.user)@\(address):\(fixture.repository.path)", access: fixture.ssh(transport))
                #expect(try await source.fetch().commit == fixture.repository.head())
            }
        }
    }

    @Test(arguments: Transport.both)
    func opensAKeyWithItsPassphraseAlone(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            try await fixture.withSSH(passphrase: SSHTests.passphrase) { server in
                let file = try fixture.file("passphrase", SSHTests.passphrase + "\n")
                let url = server.url(fixture.repository.path)
                let good = fixture.source(url, access: fixture.ssh(transport, passphrase: .secret(.file(file))))
                #expect(try await good.fetch().commit == fixture.repository.head())

                let wrong = await fixture.source(
                    url, access: fixture.ssh(transport, passphrase: .plain("wrong-" + SSHTests.passphrase))
                ).fetchFailure()
                #expect(wrong?.code == .authentication)
                #expect(wrong?.message == "the passphrase of the key \(fixture.folder)/key is wrong")
                #expect(wrong?.description.contains(SSHTests.passphrase) == false)
                let none = await fixture.source(url, access: fixture.ssh(transport)).fetchFailure()
                #expect(none?.code == .authentication)
                #expect(none?.message.contains("is encrypted, and no passphrase is set") == true)
            }
            #expect(!(try TestSearch.find(SSHTests.passphrase, below: fixture.state)))
        }
    }

    @Test(arguments: Transport.both)
    func believesOnlyHostsThatAreListed(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            try await fixture.withSSH { server in
                let url = server.url(fixture.repository.path)
                func failure(_ knownHosts: String) async throws -> SourceError? {
                    _ = try fixture.file("others", knownHosts)
                    let source = fixture.source(url, access: fixture.ssh(transport, knownHosts: "others"))
                    let failure = await source.fetchFailure()
                    return failure
                }
                #expect(try await failure(server.knownHosts) == nil)

                let unknown = try await failure("[127.0.0.1]:1 " + (server.hostKeys["ed25519"] ?? ""))
                #expect(unknown?.code == .authentication)
                #expect(
                    unknown?.message
                        == "the host key of \(server.name) is not known: \(fixture.folder)/others does not list it")

                var changed = ""
                for type in ["ed25519", "ecdsa"] {
                    changed +=
                        "\(server.name) " + (try await TestTool.sshKey("x" + type, type: type, in: fixture.folder))
                        + "\n"
                }
                let other = try await failure(changed)
                #expect(other?.code == .authentication)
                #expect(other?.message.hasPrefix("the host key of \(server.name) has changed and is refused") == true)
                #expect(other?.message.contains(fixture.folder + "/others") == true)

                let revoked = server.hostKeys.values.map { "@revoked * \($0)\n" }.joined()
                let taken = try await failure(server.knownHosts + revoked)
                #expect(taken?.message.contains("lists it as revoked") == true, "\(taken?.description ?? "")")

                try await TestTool.run("ssh-keygen", ["-H", "-f", "known_hosts"], in: fixture.folder)
                let hashed = try String(
                    decoding: Data(contentsOf: URL(filePath: fixture.folder + "/known_hosts")), as: UTF8.self)
                #expect(hashed.hasPrefix("|1|") && !hashed.contains("127.0.0.1"))
                #expect(try await failure(hashed) == nil)
            }
        }
    }

    @Test(arguments: Transport.both)
    func saysWhatIsWrongWithAKey(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            try await fixture.withSSH { server in
                let url = server.url(fixture.repository.path)
                func failure(_ key: String) async -> SourceError? {
                    await fixture.source(url, access: fixture.ssh(transport, key: key)).fetchFailure()
                }
                try await TestTool.sshKey("stranger", in: fixture.folder)
                let stranger = await failure("stranger")
                #expect(stranger?.code == .authentication)
                #expect(stranger?.message == "\(url) refused the key \(fixture.folder)/stranger")
                #expect(await failure("none")?.message.contains("/none cannot be read: No such file") == true)
                #expect(await failure("key.pub")?.message.contains("key.pub holds no private key") == false)
                _ = try fixture.file("text", "hello")
                #expect(await failure("text")?.message.contains("text holds no private key") == true)
                _ = try fixture.file("open", "hello", mode: 0o644)
                #expect(await failure("open")?.advice.contains("chmod 600") == true)
            }
        }
    }

    @Test(arguments: Transport.both)
    func signsInWithAnAgent(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            try await fixture.withSSH { server in
                let url = server.url(fixture.repository.path)
                var access = fixture.ssh(transport)
                access.ssh.key = nil
                access.ssh.usesAgent = true
                try await SSHAgentServer.serve(in: fixture.folder, keys: ["key"]) { [access] socket in
                    let source = fixture.source(url, access: access, environment: ["SSH_AUTH_SOCK": socket])
                    #expect(try await source.fetch().commit == fixture.repository.head())
                    // Without any setting, too.
                    var plain = access
                    plain.ssh.usesAgent = false
                    let other = fixture.source(
                        url, state: fixture.folder + "/other", access: plain, environment: ["SSH_AUTH_SOCK": socket])
                    #expect(try await other.fetch().commit == fixture.repository.head())
                    try await TestTool.run(
                        "ssh-add", ["-q", "-D"], in: fixture.folder, environment: ["SSH_AUTH_SOCK": socket])
                    let empty = await source.fetchFailure()
                    #expect(empty?.message.contains("the ssh agent holds no key") == true)
                }
                let none = await fixture.source(url, access: access).fetchFailure()
                #expect(none?.code == .authentication)
                #expect(none?.message.contains("SSH_AUTH_SOCK names no agent") == true)
                let dead = await fixture.source(
                    url, access: access, environment: ["SSH_AUTH_SOCK": fixture.folder + "/x"]
                )
                .fetchFailure()
                #expect(dead?.message.contains("no ssh agent answers at \(fixture.folder)/x") == true)
            }
        }
    }

    @Test(arguments: Transport.both)
    func usesTheOwnKeysAndHostsOfTheUser(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            try FileManager.default.createDirectory(atPath: fixture.folder + "/.ssh", withIntermediateDirectories: true)
            let key = try await TestTool.sshKey(".ssh/id_ed25519", in: fixture.folder)
            try await SSHServer.serve(in: fixture.folder, authorized: SSHServer.gitOnly(key)) { server in
                _ = try fixture.file(".ssh/known_hosts", server.knownHosts)
                let source = fixture.source(
                    server.url(fixture.repository.path), access: GitAccess(transport: transport),
                    environment: ["HOME": fixture.folder])
                #expect(try await source.fetch().commit == fixture.repository.head())
            }
        }
    }

    @Test(arguments: Transport.both)
    func namesServersThatBreakOff(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            try await TestTool.sshKey("key", in: fixture.folder)
            let key = try await TestTool.sshKey("host", in: fixture.folder)
            _ = try fixture.file("known_hosts", "* \(key)\n")
            let banner = Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)
            for manner in [HostileServer.Manner.closing, .answering(banner), .halfClosing(banner), .halfClosing([])] {
                try await HostileServer.run(manner) { server in
                    let url = "ssh://git@127.0.0.1:\(server.port)/x"
                    let error = await fixture.source(url, access: fixture.ssh(transport)).fetchFailure()
                    #expect(error?.code == .unreachable, "\(manner) \(error?.description ?? "none")")
                    #expect(error?.message.contains(url) == true)
                }
            }
            try await TestServer.withRefusingPort { port in
                let url = "ssh://git@127.0.0.1:\(port)/x"
                let refused = await fixture.source(url, access: fixture.ssh(transport)).fetchFailure()
                #expect(refused?.code == .unreachable)
                #expect(refused?.message.contains("refused") == true)
            }
        }
    }

    /// While git and ssh run, what they were given is in no argument list of theirs.
    @Test func secretsAreInNoArgumentList() async throws {
        try await Fixture.with { fixture in
            try await TestTool.sshKey("key", passphrase: SSHTests.passphrase, in: fixture.folder)
            let key = try await TestTool.sshKey("host", in: fixture.folder)
            _ = try fixture.file("known_hosts", "* \(key)\n")
            try await HostileServer.run(.silent) { server in
                let source = fixture.source(
                    "ssh://git@127.0.0.1:\(server.port)/x", timeout: .seconds(6),
                    access: fixture.ssh(.git, passphrase: .plain(SSHTests.passphrase)))
                async let fetched = source.fetchFailure()
                var seen = ""
                for _ in 0..<500 where !seen.contains("ssh\0-F\0none") {
                    try await Task.sleep(for: .milliseconds(10))
                    for pid in try FileManager.default.contentsOfDirectory(atPath: "/proc") where Int(pid) != nil {
                        let data = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
                        let line = String(decoding: data, as: UTF8.self)
                        if line.contains(fixture.folder) || line.contains("127.0.0.1\0") { seen += line + "\n" }
                    }
                }
                #expect(seen.contains("ssh\0-F\0none"))
                #expect(!seen.contains(SSHTests.passphrase))
                #expect(await fetched?.code == .timeout)
            }
        }
    }

    @Test(arguments: Transport.both)
    func aSilentServerEndsAtTheDeadlineAndNothingIsLeft(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            try await TestTool.sshKey("key", in: fixture.folder)
            let key = try await TestTool.sshKey("host", in: fixture.folder)
            _ = try fixture.file("known_hosts", "* \(key)\n")
            try await HostileServer.run(.silent) { server in
                let url = "ssh://git@127.0.0.1:\(server.port)/x"
                let run = "deadline-\(fixture.folder)"
                let source = fixture.source(
                    url, timeout: .seconds(3), access: fixture.ssh(transport),
                    workers: FetchWorkers(executable: TestBinary.path, runner: ProcessRunner(runID: run)))
                let error = await source.fetchFailure()
                #expect(error?.code == .timeout)
                #expect(error?.message == "\(url) did not answer within 3s")
                #expect(server.received.hasPrefix(transport == .git ? "SSH-2.0-OpenSSH" : "SSH-2.0-libssh2"))
                #expect(Survivors.end(runID: run) == 0)
            }
        }
    }
}
