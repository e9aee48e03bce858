import FoundationEssentials
import Git
import Glibc
import Model
import Testing
import TestSupport

@Suite struct ServerTests {
    private static let token = "planted-token-3b1f"

    @Test func fetchesFromAGitDaemon() async throws {
        try await Fixture.with { fixture in
            try await GitDaemon.serve(fixture.folder + "/source") { address in
                let source = fixture.source(address + "/repo")
                let first = try await source.fetch()
                #expect(try await source.fetch() == first)
                let second = try await fixture.repository.commit(["a": "1"])
                #expect(try await source.fetch().commit == second)
                let forced = try await fixture.repository.rewrite(["a": "2"])
                #expect(try await source.fetch().commit == forced)
                #expect(try await source.revision(second).commit == second)
                let tree = try await source.tree(at: forced)
                #expect(try await tree.environments().map(\.name) == ["staging"])

                let missing = await fixture.source(address + "/nowhere").fetchFailure()
                #expect(missing?.code == .repositoryMissing)
                let branch = await fixture.source(address + "/repo", branch: "gone").fetchFailure()
                #expect(branch?.code == .branchMissing)
                #expect(branch?.advice.contains("there are main") == true)
            }
            try await TestServer.withRefusingPort { port in
                let gone = await fixture.source("git://127.0.0.1:\(port)/repo").fetchFailure()
                #expect(gone?.code == .unreachable)
            }
        }
    }

    @Test func namesWhatADaemonServesThatCannotBeRead() async throws {
        try await Fixture.with { fixture in
            try await fixture.repository.commit(message: "Second")
            try await fixture.repository.git(
                "clone", "--quiet", "--depth=1", "file://" + fixture.repository.path, fixture.folder + "/source/shallow"
            )
            try await TestRepository.create(at: fixture.folder + "/source/modern", format: "sha256").commit(["a": "1"])
            _ = try await TestRepository.create(at: fixture.folder + "/source/empty")
            try await GitDaemon.serve(fixture.folder + "/source") { address in
                let shallow = await fixture.source(address + "/shallow").fetchFailure()
                #expect(shallow?.code == .unsupported)
                #expect(shallow?.message.contains("shallow") == true)
                let modern = await fixture.source(address + "/modern").fetchFailure()
                #expect(modern?.code == .unsupported)
                #expect(modern?.message.contains("SHA-256") == true)
                let empty = await fixture.source(address + "/empty").fetchFailure()
                #expect(empty?.code == .branchMissing)
                #expect(empty?.message.contains("is empty") == true)
            }
        }
    }

    @Test func fetchesOverHTTP() async throws {
        try await Fixture.with { fixture in
            try await GitHTTPServer.serve(fixture.folder + "/source", scratch: fixture.folder) { address in
                let source = fixture.source(address + "/git/repo")
                let first = try await source.fetch()
                #expect(try await source.fetch() == first)
                let second = try await fixture.repository.commit(["a": "1"])
                #expect(try await source.fetch().commit == second)
                #expect(await fixture.source(address + "/git/nowhere").fetchFailure()?.code == .repositoryMissing)
                #expect(await fixture.source(address + "/source").fetchFailure()?.code == .repositoryMissing)
            }
        }
    }

    @Test func signsInOverHTTP() async throws {
        try await Fixture.with { fixture in
            let file = fixture.folder + "/token"
            try Data((ServerTests.token + "\n").utf8).write(to: URL(filePath: file))
            try await GitHTTPServer.serve(
                fixture.folder + "/source", scratch: fixture.folder, user: "robot", password: ServerTests.token
            ) { address in
                let repository = address + "/git/repo"
                let good = fixture.source(repository, user: .plain("robot"), token: .secret(.file(file)))
                let first = try await good.fetch()
                let second = try await fixture.repository.commit(["a": "1"])
                #expect(try await good.fetch().commit == second)

                let none = await fixture.source(repository).fetchFailure()
                #expect(none?.code == .authentication)
                #expect(none?.message == "\(repository) asks for credentials")
                let wrong = await fixture.source(
                    repository, user: .plain("robot"), token: .plain("wrong-" + ServerTests.token)
                ).fetchFailure()
                #expect(wrong?.code == .authentication)
                #expect(wrong?.message == "\(repository) refused the credentials")
                #expect(wrong?.description.contains(ServerTests.token) == false)
                let unreadable = await fixture.source(repository, token: .secret(.file(file + ".none"))).fetchFailure()
                #expect(unreadable?.code == .authentication)
                #expect(unreadable?.message.contains(file + ".none") == true)
                #expect(try await good.revision(first.commit) == first)
            }
            let isKept = try ServerTests.find(ServerTests.token, below: fixture.state)
            #expect(!isKept)
        }
    }

    @Test func givesCredentialsToNoOtherHost() async throws {
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
                        "http://127.0.0.1:\(front.port)/repo", user: .plain("robot"), token: .plain(ServerTests.token)
                    ).fetchFailure()
                    #expect(error?.code == .configuration)
                    #expect(error?.advice.contains("redirects") == true)
                    #expect(thief.received.isEmpty)
                    #expect(error?.description.contains(ServerTests.token) == false)
                }
            }
        }
    }

    @Test func followsARedirectWithoutCredentials() async throws {
        try await Fixture.with { fixture in
            try await GitHTTPServer.serve(fixture.folder + "/source", scratch: fixture.folder, redirect: "/git") {
                address in
                let head = try await fixture.repository.head()
                #expect(try await fixture.source(address + "/moved/repo").fetch().commit == head)
            }
        }
    }

    @Test func refusesToWaitForASilentServer() async throws {
        try await Fixture.with { fixture in
            let known = try await fixture.source().fetch()
            try await HostileServer.run(.silent) { server in
                for address in ["git://127.0.0.1:\(server.port)/x", "http://127.0.0.1:\(server.port)/x"] {
                    let error = await fixture.source(address, timeout: TimeSpan(milliseconds: 400)).fetchFailure()
                    #expect(error?.code == .timeout)
                    #expect(error?.message == "\(address) did not answer within 400ms")
                }
            }
            #expect(try await fixture.source().head() == known)
        }
    }

    @Test(arguments: ["git", "http"])
    func namesServersThatBreakOff(_ scheme: String) async throws {
        try await Fixture.with { fixture in
            let half = Array(
                "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\nContent-Length: 500\r\n\r\n001e# service=git-up"
                    .utf8)
            let advertised = Array("0032aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa HEAD\0".utf8)
            for manner in [HostileServer.Manner.closing, .answering(scheme == "git" ? advertised : half)] {
                try await HostileServer.run(manner) { server in
                    let error = await fixture.source("\(scheme)://127.0.0.1:\(server.port)/x").fetchFailure()
                    #expect(
                        [.unreachable, .repositoryMissing].contains(error?.code),
                        "\(manner) \(String(describing: error))")
                    #expect(error?.message.contains("127.0.0.1:\(server.port)") == true)
                }
            }
            try await TestServer.withRefusingPort { port in
                let refused = await fixture.source("\(scheme)://127.0.0.1:\(port)/x").fetchFailure()
                #expect(refused?.code == .unreachable)
                #expect(refused?.message.contains("refused") == true)
            }
        }
    }

    @Test func namesServersThatAreNoGitServers() async throws {
        try await Fixture.with { fixture in
            let page = Array(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n\u{1B}[31m<html>".utf8)
            let broken = Array("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n".utf8)
            try await HostileServer.run(.answering(page)) { server in
                let error = await fixture.source("http://127.0.0.1:\(server.port)/x").fetchFailure()
                #expect(error?.code == .repositoryMissing)
                #expect(error?.message.contains("not as a git server does") == true)
                let other = await fixture.source("git://127.0.0.1:\(server.port)/x").fetchFailure()
                #expect(other?.code == .repositoryMissing)
                #expect(other?.message.contains("\u{1B}") == false)
            }
            try await HostileServer.run(.answering(broken)) { server in
                let error = await fixture.source("http://127.0.0.1:\(server.port)/x").fetchFailure()
                #expect(error?.code == .unreachable)
                #expect(error?.message.contains("503") == true)
            }
        }
    }

    @Test func aServerThatStallsInMidAnswerEndsAtTheDeadline() async throws {
        try await Fixture.with { fixture in
            try await HostileServer.run(.stalling(Array("00a0aaaa".utf8))) { server in
                let error = await fixture.source(
                    "git://127.0.0.1:\(server.port)/x", timeout: TimeSpan(milliseconds: 400)
                ).fetchFailure()
                #expect(error?.code == .timeout)
            }
        }
    }

    private static func find(_ text: String, below folder: String) throws -> Bool {
        let pattern = Data(text.utf8)
        return try FileManager.default.subpathsOfDirectory(atPath: folder).contains { name in
            guard let data = try? Data(contentsOf: URL(filePath: folder + "/" + name)) else { return false }
            return data.firstRange(of: pattern) != nil
        }
    }
}
