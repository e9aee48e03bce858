import FoundationEssentials
import Git
import Glibc
import Model
import Testing
import TestSupport

@Suite struct ServerTests {
    private static let token = "planted-token-3b1f"

    @Test(arguments: Transport.both)
    func fetchesFromAGitDaemon(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            try await GitDaemon.serve(fixture.folder + "/source") { address in
                let source = fixture.source(address + "/repo", over: transport)
                let first = try await source.fetch()
                #expect(try await source.fetch() == first)
                let second = try await fixture.repository.commit(["a": "1"])
                #expect(try await source.fetch().commit == second)
                let forced = try await fixture.repository.rewrite(["a": "2"])
                #expect(try await source.fetch().commit == forced)
                #expect(try await source.revision(second).commit == second)
                let tree = try await source.tree(at: forced)
                #expect(try await tree.environments().map(\.name) == ["staging"])

                let missing = await fixture.source(address + "/nowhere", over: transport).fetchFailure()
                #expect(missing?.code == .repositoryMissing)
                let branch = await fixture.source(address + "/repo", branch: "gone", over: transport).fetchFailure()
                #expect(branch?.code == .branchMissing)
                #expect(branch?.advice.contains("there are main") == true)
            }
            try await TestServer.withRefusingPort { port in
                let gone = await fixture.source("git://127.0.0.1:\(port)/repo", over: transport).fetchFailure()
                #expect(gone?.code == .unreachable)
            }
        }
    }

    @Test(arguments: Transport.both)
    func namesWhatADaemonServesThatCannotBeRead(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            try await fixture.repository.commit(message: "Second")
            try await fixture.repository.git(
                "clone", "--quiet", "--depth=1", "file://" + fixture.repository.path, fixture.folder + "/source/shallow"
            )
            try await TestRepository.create(at: fixture.folder + "/source/modern", format: "sha256").commit(["a": "1"])
            _ = try await TestRepository.create(at: fixture.folder + "/source/empty")
            try await GitDaemon.serve(fixture.folder + "/source") { address in
                let shallow = await fixture.source(address + "/shallow", over: transport).fetchFailure()
                #expect(shallow?.code == .unsupported)
                #expect(shallow?.message.contains("shallow") == true)
                let modern = await fixture.source(address + "/modern", over: transport).fetchFailure()
                #expect(modern?.code == .unsupported)
                #expect(modern?.message.contains("SHA-256") == true)
                let empty = await fixture.source(address + "/empty", over: transport).fetchFailure()
                #expect(empty?.code == .branchMissing)
                #expect(empty?.message.contains("is empty") == true)
            }
        }
    }

    @Test(arguments: Transport.both)
    func fetchesOverHTTP(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            try await GitHTTPServer.serve(fixture.folder + "/source", scratch: fixture.folder) { address in
                let source = fixture.source(address + "/git/repo", over: transport)
                let first = try await source.fetch()
                #expect(try await source.fetch() == first)
                let second = try await fixture.repository.commit(["a": "1"])
                #expect(try await source.fetch().commit == second)
                #expect(
                    await fixture.source(address + "/git/nowhere", over: transport).fetchFailure()?.code
                        == .repositoryMissing)
                #expect(
                    await fixture.source(address + "/source", over: transport).fetchFailure()?.code
                        == .repositoryMissing)
            }
        }
    }

    @Test(arguments: Transport.both)
    func signsInOverHTTP(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            let file = fixture.folder + "/token"
            try Data((ServerTests.token + "\n").utf8).write(to: URL(filePath: file))
            try await GitHTTPServer.serve(
                fixture.folder + "/source", scratch: fixture.folder, user: "robot", password: ServerTests.token
            ) { address in
                let repository = address + "/git/repo"
                let good = fixture.source(
                    repository, access: GitAccess(transport: transport, user: "robot", token: .secret(.file(file))))
                let first = try await good.fetch()
                let second = try await fixture.repository.commit(["a": "1"])
                #expect(try await good.fetch().commit == second)

                let none = await fixture.source(repository, over: transport).fetchFailure()
                #expect(none?.code == .authentication)
                #expect(none?.message == "\(repository) asks for credentials")
                let wrong = await fixture.source(
                    repository,
                    access: GitAccess(transport: transport, user: "robot", token: .plain("wrong-" + ServerTests.token))
                ).fetchFailure()
                #expect(wrong?.code == .authentication)
                #expect(wrong?.message == "\(repository) refused the credentials")
                #expect(wrong?.description.contains(ServerTests.token) == false)
                let unreadable = await fixture.source(
                    repository, access: GitAccess(transport: transport, token: .secret(.file(file + ".none")))
                ).fetchFailure()
                #expect(unreadable?.code == .authentication)
                #expect(unreadable?.message.contains(file + ".none") == true)
                #expect(try await good.revision(first.commit).commit == first.commit)
            }
            let isKept = try TestSearch.find(ServerTests.token, below: fixture.state)
            #expect(!isKept)
        }
    }

    @Test(arguments: Transport.both)
    func givesCredentialsToNoOtherHost(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            let challenge = Array(
                "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n".utf8)
            try await HostileServer.run(.answering(challenge)) { thief in
                let elsewhere = "http://localhost:\(thief.port)"
                let redirect = Array(
                    "HTTP/1.1 302 Found\r\nLocation: \(elsewhere)/repo/info/refs?service=git-upload-pack\r\nContent-Length: 0\r\n\r\n"
                        .utf8)
                try await HostileServer.run(.answering(redirect)) { front in
                    let error = await fixture.source(
                        "http://127.0.0.1:\(front.port)/repo",
                        access: GitAccess(transport: transport, user: "robot", token: .plain(ServerTests.token))
                    ).fetchFailure()
                    #expect(error?.code == .configuration)
                    #expect(error?.advice.contains("redirects") == true)
                    #expect(thief.received.isEmpty)
                    #expect(error?.description.contains(ServerTests.token) == false)
                }
            }
        }
    }

    @Test(arguments: Transport.both)
    func followsARedirectWithoutCredentials(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            try await GitHTTPServer.serve(fixture.folder + "/source", scratch: fixture.folder, redirect: "/git") {
                address in
                let head = try await fixture.repository.head()
                #expect(try await fixture.source(address + "/moved/repo", over: transport).fetch().commit == head)
            }
        }
    }

    @Test(arguments: Transport.both)
    func refusesToWaitForASilentServer(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            let known = try await fixture.source().fetch()
            try await HostileServer.run(.silent) { server in
                for address in ["git://127.0.0.1:\(server.port)/x", "http://127.0.0.1:\(server.port)/x"] {
                    let error = await fixture.source(address, timeout: TimeSpan(milliseconds: 400), over: transport)
                        .fetchFailure()
                    #expect(error?.code == .timeout)
                    #expect(error?.message == "\(address) did not answer within 400ms")
                }
            }
            #expect(try await fixture.source().head() == known)
        }
    }

    @Test(arguments: ["git", "http"], Transport.both)
    func namesServersThatBreakOff(_ scheme: String, _ transport: Transport) async throws {
        try await Fixture.with { fixture in
            let half = Array(
                "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\nContent-Length: 500\r\n\r\n001e# service=git-up"
                    .utf8)
            let advertised = Array("0032aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa HEAD\0".utf8)
            for manner in [HostileServer.Manner.closing, .answering(scheme == "git" ? advertised : half)] {
                try await HostileServer.run(manner) { server in
                    let error = await fixture.source("\(scheme)://127.0.0.1:\(server.port)/x", over: transport)
                        .fetchFailure()
                    #expect(
                        [.unreachable, .repositoryMissing].contains(error?.code),
                        "\(manner) \(String(describing: error))")
                    #expect(error?.message.contains("127.0.0.1:\(server.port)") == true)
                }
            }
            try await TestServer.withRefusingPort { port in
                let refused = await fixture.source("\(scheme)://127.0.0.1:\(port)/x", over: transport).fetchFailure()
                #expect(refused?.code == .unreachable)
                #expect(
                    refused?.message.contains(scheme == "http" && transport == .git ? "connect" : "refused") == true)
            }
        }
    }

    @Test(arguments: Transport.both)
    func namesServersThatAreNoGitServers(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            let page = Array(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n\u{1B}[31m<html>".utf8)
            let broken = Array("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n".utf8)
            try await HostileServer.run(.answering(page)) { server in
                let error = await fixture.source("http://127.0.0.1:\(server.port)/x", over: transport).fetchFailure()
                #expect(error?.code == (transport == .git ? .branchMissing : .repositoryMissing))
                #expect(error?.message.contains("not as a git server does") == true)
                let other = await fixture.source("git://127.0.0.1:\(server.port)/x", over: transport).fetchFailure()
                #expect(other?.code == .repositoryMissing)
                #expect(other?.message.contains("\u{1B}") == false)
            }
            try await HostileServer.run(.answering(broken)) { server in
                let error = await fixture.source("http://127.0.0.1:\(server.port)/x", over: transport).fetchFailure()
                #expect(error?.code == .unreachable)
                #expect(error?.message.contains("503") == true)
            }
        }
    }

    @Test(arguments: Transport.both)
    func aServerThatStallsInMidAnswerEndsAtTheDeadline(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            try await HostileServer.run(.stalling(Array("00a0aaaa".utf8))) { server in
                let error = await fixture.source(
                    "git://127.0.0.1:\(server.port)/x", timeout: TimeSpan(milliseconds: 400), over: transport
                ).fetchFailure()
                #expect(error?.code == .timeout)
            }
        }
    }
}
