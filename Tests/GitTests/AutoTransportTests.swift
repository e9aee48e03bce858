import FoundationEssentials
import Git
import Model
import TestSupport
import Testing

/// The library goes first; the git command comes in for what the library cannot do, and for nothing else.
@Suite struct AutoTransportTests {
    @Test func theLibraryGoesFirst() async throws {
        try await Fixture.with { fixture in
            try await fixture.withSSH { server in
                let source = fixture.source(server.url(fixture.repository.path), access: fixture.ssh(.auto))
                #expect(source.transport == nil)
                _ = try await source.fetch()
                #expect(source.transport == TransportUse(.libgit2))
            }
            let local = fixture.source()
            _ = try await local.fetch()
            #expect(local.transport == nil)
        }
    }

    @Test func keysThatTheLibraryCannotUseAreForTheGitCommand() async throws {
        try await Fixture.with { fixture in
            try await fixture.withSSH(key: "rsa") { server in
                let url = server.url(fixture.repository.path)
                let source = fixture.source(url, access: fixture.ssh(.auto))
                #expect(try await source.fetch().commit == fixture.head)
                #expect(source.transport?.text == "the git command, because libgit2 cannot use keys of type ssh-rsa")
                let alone = await fixture.source(url, access: fixture.ssh(.libgit2)).fetchFailure()
                #expect(alone?.code == .unsupported)
                #expect(alone?.description.contains("cannot use keys of type ssh-rsa; set `transport: auto`") == true)

                var access = fixture.ssh(.auto)
                access.ssh.key = nil
                try await SSHAgentServer.serve(in: fixture.folder, keys: ["key"]) { [access] socket in
                    let agent = fixture.source(url, access: access, environment: ["SSH_AUTH_SOCK": socket])
                    let fetched = try await agent.fetch()
                    #expect(try await fetched.commit == fixture.head)
                    #expect(agent.transport?.reason?.hasSuffix("ssh-rsa, and the agent has one") == true)
                }
            }
        }
    }

    @Test func hostKeysThatTheLibraryCannotCheckAreForTheGitCommand() async throws {
        try await Fixture.with { fixture in
            try await fixture.withSSH(hostKeys: ["rsa"]) { server in
                let source = fixture.source(server.url(fixture.repository.path), access: fixture.ssh(.auto))
                let fetched = try await source.fetch()
                #expect(try await fetched.commit == fixture.head)
                #expect(source.transport?.reason == "libgit2 and the server have no key exchange in common")
            }
        }
        try await Fixture.with { fixture in
            try await fixture.withSSH(hostKeys: ["ed25519", "ecdsa"]) { server in
                // The library asks for the other one first.
                _ = try fixture.file("one", "\(server.name) \(server.hostKeys["ed25519"] ?? "")\n")
                let source = fixture.source(
                    server.url(fixture.repository.path), access: fixture.ssh(.auto, knownHosts: "one"))
                #expect(try await source.fetch().commit == fixture.head)
                #expect(source.transport?.transport == .git)
                #expect(source.transport?.reason?.contains("was shown a host key of type ecdsa") == true)
            }
        }
    }

    @Test func certificatesOfHostsAreForTheGitCommand() async throws {
        try await Fixture.with { fixture in
            let key = try await TestTool.sshKey("key", in: fixture.folder)
            let authority = try await TestTool.sshKey("authority", in: fixture.folder)
            let other = try await TestTool.sshKey("other", in: fixture.folder)
            try await SSHServer.serve(
                in: fixture.folder, hostKeys: ["ed25519"], authorized: SSHServer.gitOnly(key), authority: "authority"
            ) { server in
                _ = try fixture.file("known_hosts", "@cert-authority [127.0.0.1]:* \(authority)\n")
                let url = server.url(fixture.repository.path)
                let source = fixture.source(url, access: fixture.ssh(.auto))
                #expect(try await source.fetch().commit == fixture.head)
                #expect(source.transport?.reason == "libgit2 cannot check the certificates of hosts (@cert-authority)")
                _ = try fixture.file("others", "@cert-authority [127.0.0.1]:* \(other)\n")
                let stranger = await fixture.source(url, access: fixture.ssh(.auto, knownHosts: "others"))
                    .fetchFailure()
                #expect(stranger?.message.contains("the host key of \(server.name) is not known") == true)
                #expect(stranger?.advice.hasSuffix("(it was asked by \(source.transport?.text ?? ""))") == true)
            }
        }
    }

    @Test func aJumpIsForTheGitCommand() async throws {
        try await Fixture.with { fixture in
            let key = try await TestTool.sshKey("key", in: fixture.folder)
            try await SSHServer.serve(
                in: fixture.folder, hostKeys: ["ed25519"], authorized: "restrict,port-forwarding " + key
            ) { jump in
                try await SSHServer.serve(in: fixture.folder, authorized: SSHServer.gitOnly(key)) { server in
                    _ = try fixture.file("known hosts", jump.knownHosts + server.knownHosts)
                    var access = fixture.ssh(.auto, knownHosts: "known hosts")
                    access.ssh.jump = "\(jump.user)@127.0.0.1:\(jump.port)"
                    let url = server.url(fixture.repository.path)
                    let source = fixture.source(url, access: access)
                    #expect(try await source.fetch().commit == fixture.head)
                    #expect(source.transport?.reason == "libgit2 cannot go through a jump host")

                    // The jump host leads to itself as well.
                    access.ssh.jump = "\(jump.user)@127.0.0.1:\(jump.port), \(jump.user)@127.0.0.1:\(jump.port)"
                    let far = fixture.source(url, state: fixture.folder + "/far", access: access)
                    #expect(try await far.fetch().commit == fixture.head)

                    _ = try fixture.file("others", server.knownHosts)
                    access.ssh.knownHosts = fixture.folder + "/others"
                    let unknown = await fixture.source(url, access: access).fetchFailure()
                    #expect(unknown?.message.hasPrefix("the host key of \(jump.name) is not known") == true)
                    access.ssh.jump = "-oProxyCommand=x"
                    #expect(await fixture.source(url, access: access).fetchFailure()?.code == .configuration)
                }
            }
        }
    }

    @Test func refusalsAreNoReasonToSwitch() async throws {
        try await Fixture.with { fixture in
            try await fixture.withSSH(hostKeys: ["ecdsa"]) { server in
                let url = server.url(fixture.repository.path)
                try await TestTool.sshKey("stranger", in: fixture.folder)
                let stranger = fixture.source(url, access: fixture.ssh(.auto, key: "stranger"))
                #expect(await stranger.fetchFailure()?.code == .authentication)
                #expect(stranger.transport == TransportUse(.libgit2))

                let key = try await TestTool.sshKey("other", type: "ecdsa", in: fixture.folder)
                _ = try fixture.file("others", "\(server.name) \(key)\n")
                let changed = fixture.source(url, access: fixture.ssh(.auto, knownHosts: "others"))
                #expect(await changed.fetchFailure()?.message.contains("has changed and is refused") == true)
                #expect(changed.transport == TransportUse(.libgit2))
            }
            try await GitHTTPServer.serve(
                fixture.folder + "/source", scratch: fixture.folder, user: "robot", password: "right"
            ) { address in
                let wrong = fixture.source(
                    address + "/git/repo", access: GitAccess(user: "robot", token: .plain("wrong")))
                #expect(await wrong.fetchFailure()?.code == .authentication)
                #expect(wrong.transport == TransportUse(.libgit2))
            }
        }
    }

    @Test func aMissingProgramIsNamed() async throws {
        try await Fixture.with { fixture in
            let git = await fixture.source(
                "http://127.0.0.1:1/x", access: GitAccess(transport: .git), environment: ["PATH": fixture.folder]
            ).fetchFailure()
            #expect(git?.code == .unsupported)
            #expect(
                git?.message.contains("needs the git command, which is in no folder of PATH, because `transport: git`")
                    == true)
            #expect(git?.advice == "install git")
        }
    }
}
