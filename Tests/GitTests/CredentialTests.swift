import FoundationEssentials
import Glibc
import Model
import TestSupport
import Testing

@testable import Git

@Suite struct CredentialTests {
    private static let token = "planted-token-c4d2"

    @Test(arguments: Transport.both)
    func asksPrograms(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            try await GitHTTPServer.serve(
                fixture.folder + "/source", scratch: fixture.folder, user: "robot", password: CredentialTests.token
            ) { address in
                let head = try await fixture.repository.head()
                _ = try fixture.file("token", CredentialTests.token)
                let host = address.dropFirst(7)
                _ = try fixture.file("store", "http://robot:\(CredentialTests.token)@\(host)\n")
                let programs: [CredentialProgram] = [
                    .command("echo username=robot; echo password=$(cat token)"), .command("cat token"),
                    .helper("store --file=\(fixture.folder)/store"),
                    .helper("!f() { echo username=robot; echo password=\(CredentialTests.token); }; f"),
                ]
                for (index, program) in programs.enumerated() {
                    let access = GitAccess(
                        transport: transport, user: "robot", credentials: program, folder: fixture.folder)
                    let source = fixture.source(
                        address + "/git/repo", state: fixture.folder + "/state\(index)", access: access)
                    #expect(try await source.fetch().commit == head)
                    #expect(!(try TestSearch.find(CredentialTests.token, below: fixture.folder + "/state\(index)")))
                }
            }
        }
    }

    /// A program is asked once as long as what it said holds, and again where the server refuses it.
    @Test func asksAgainWhenATokenEnds() async throws {
        try await Fixture.with { fixture in
            try await GitHTTPServer.serve(
                fixture.folder + "/source", scratch: fixture.folder, user: "robot", password: CredentialTests.token
            ) { address in
                let print = "echo x >>asked; echo username=robot; echo password=$(cat token); "
                func asked() throws -> Int { try Data(contentsOf: URL(filePath: fixture.folder + "/asked")).count / 2 }
                func source(_ ending: String) -> GitSource {
                    fixture.source(
                        address + "/git/repo",
                        access: GitAccess(credentials: .command(print + ending), folder: fixture.folder))
                }
                _ = try fixture.file("token", CredentialTests.token)
                let long = source("echo password_expiry_utc=$(($(date +%s) + 3600))")
                for _ in 1...3 { _ = try await long.fetch() }
                #expect(try asked() == 1)
                for (count, ending) in [(3, "echo password_expiry_utc=$(($(date +%s) + 5))"), (5, "true")] {
                    let short = source(ending)
                    for _ in 1...2 { _ = try await short.fetch() }
                    #expect(try asked() == count)
                }
                _ = try fixture.file("token", "taken-back")
                let refused = source("echo password_expiry_utc=$(($(date +%s) + 3600))")
                #expect(await refused.fetchFailure()?.code == .authentication)
                _ = try fixture.file("token", CredentialTests.token)
                _ = try await refused.fetch()
                #expect(try asked() == 7)
            }
        }
    }

    @Test func aProgramThatFailsIsNamedAndNeverQuoted() async throws {
        try await Fixture.with { fixture in
            let planted = CredentialTests.token
            let programs: [(CredentialProgram, String)] = [
                (.command("echo \(planted); echo \(planted) >&2; exit 3"), "ended with exit status 3"),
                (.command("echo \(planted); echo \(planted)"), "printed neither"),
                (.command("true"), "printed neither"),
                (.command("echo username=x"), "printed neither"),
                (.command("sleep 600"), "did not answer within 500ms"),
                (.helper("store --file=/nonexistent"), "ended with exit status"),
            ]
            for (program, words) in programs {
                let timeout: TimeSpan = words.hasPrefix("did not") ? TimeSpan(milliseconds: 500) : .seconds(60)
                let error = await fixture.source(
                    "http://127.0.0.1:1/x", timeout: timeout, access: GitAccess(credentials: program)
                ).fetchFailure()
                #expect(error?.code == .authentication)
                #expect(error?.message.contains(words) == true, "\(error?.description ?? "")")
                #expect(error?.description.contains(planted) == false)
            }
        }
    }

    @Test func readsTheProtocolOrOneToken() {
        func answer(_ text: String) -> CredentialAsking.Answer? { CredentialAsking.answer(in: Array(text.utf8)) }
        #expect(answer("t0k\n") == .init(user: nil, password: "t0k"))
        #expect(answer("t0k") == .init(user: nil, password: "t0k"))
        #expect(answer("protocol=https\nusername=a\npassword=b=c\n") == .init(user: "a", password: "b=c"))
        #expect(answer("password=b\npassword_expiry_utc=12\n") == .init(user: nil, password: "b", validUntil: 12))
        for text in ["", "\n", "a\nb\n", "password=\n", "username=a", "two words"] { #expect(answer(text) == nil) }
    }

    /// What git and ssh ask is answered by our own binary, and for the right server alone.
    @Test func answersOnlyWhatItIsFor() async throws {
        func ask(_ question: String) async throws -> String {
            try await TestTool.run(
                TestBinary.path, [question], in: "/",
                environment: [
                    Askpass.password: "pw", Askpass.passphrase: "pp", Askpass.host: "host:8443",
                ])
        }
        #expect(try await ask("Password for 'https://robot@host:8443': ") == "pw\n")
        #expect(try await ask("Enter passphrase for key '/k': ") == "pp\n")
        for question in [
            "Password for 'https://robot@thief': ", "Password for 'https://host:8443@thief': ", "Username for 'x': ",
            "",
            "Are you sure you want to continue connecting (yes/no)? ",
        ] {
            await #expect(throws: TestSupportError.self) { try await ask(question) }
        }
    }
}
