import FoundationEssentials
import Model
import Processes
import TestSupport
import Testing

@testable import Git

@Suite struct WebTests {
    private static let token = "planted-token-91aa"

    private func serve(
        _ fixture: Fixture, certificate: String = "server", version: String = "TLSv1.2", asksClients: Bool = false,
        password: String? = nil,
        _ body: @Sendable (String, TestAuthority) async throws -> Void
    ) async throws {
        let authority = try await TestAuthority.make(in: fixture.folder)
        try await GitHTTPServer.serve(
            fixture.folder + "/source", scratch: fixture.folder, user: password.map { _ in "robot" },
            password: password,
            tls: GitHTTPServer.TLS(authority, certificate: certificate, version: version, asksClients: asksClients)
        ) { address in
            try await body(address + "/git/repo", authority)
        }
    }

    @Test(arguments: Transport.both)
    func trustsAnAuthorityOfItsOwnAndNobodyElse(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            try await serve(fixture, password: WebTests.token) { url, authority in
                func access(_ file: String?) -> GitAccess {
                    GitAccess(
                        transport: transport, user: "robot", token: .plain(WebTests.token),
                        tls: TLSAccess(authorities: file))
                }
                let source = fixture.source(url, access: access(authority.certificate))
                #expect(try await source.fetch().commit == fixture.head)
                #expect(source.transport?.transport == transport)
                let second = try await fixture.repository.commit(["a": "1"])
                #expect(try await source.fetch().commit == second)

                let stranger = await fixture.source(url, access: access(nil)).fetchFailure()
                #expect(stranger?.code == .unreachable)
                #expect(stranger?.message.hasPrefix("no safe connection to \(url)") == true)
                #expect(stranger?.advice.contains("tls.ca") == true)
                let none = await fixture.source(url, access: access(fixture.folder + "/none")).fetchFailure()
                #expect(none?.code == .configuration)
                #expect(none?.message == "tls.ca \(fixture.folder)/none cannot be read: No such file or directory")
                // What one source trusts is not what the next one trusts, even where their workers are the same.
                let workers = FetchWorkers(executable: TestBinary.path, runner: ProcessRunner())
                for (index, file) in [nil, authority.certificate, nil, authority.certificate, nil].enumerated() {
                    let source = fixture.source(
                        url, state: fixture.folder + "/shared\(index)", access: access(file), workers: workers)
                    #expect((await source.fetchFailure() == nil) == (file != nil))
                }
                let nameless = url.replacing("localhost", with: "127.0.0.2")
                let other = await fixture.source(nameless, access: access(authority.certificate)).fetchFailure()
                #expect(other?.code == .unreachable)
            }
        }
    }

    @Test(arguments: [Transport.libgit2, .git, .auto])
    func refusesACertificateThatExpired(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            try await serve(fixture, certificate: "expired") { url, authority in
                let source = fixture.source(
                    url, access: GitAccess(transport: transport, tls: TLSAccess(authorities: authority.certificate)))
                let error = await source.fetchFailure()
                #expect(error?.code == .unreachable)
                #expect(error?.message.contains("expired") == true, "\(error?.description ?? "")")
                // Not a reason to try another transport.
                #expect(source.transport?.transport == (transport == .git ? .git : .libgit2))
            }
        }
    }

    @Test func aServerOfTLS13AloneIsForTheGitCommand() async throws {
        try await Fixture.with { fixture in
            try await serve(fixture, version: "TLSv1.3", password: WebTests.token) { url, authority in
                func access(_ transport: Transport, token: String = WebTests.token) -> GitAccess {
                    GitAccess(
                        transport: transport, user: "robot", token: .plain(token),
                        tls: TLSAccess(authorities: authority.certificate))
                }
                let source = fixture.source(url, access: access(.auto))
                let first = try await source.fetch()
                #expect(source.transport?.transport == .git)
                #expect(source.transport?.reason?.hasPrefix("libgit2 and the server have no TLS version") == true)
                #expect(try await source.fetch() == first)
                #expect(try await fixture.source(url, access: access(.git)).fetch().commit == first.commit)

                let alone = await fixture.source(url, access: access(.libgit2)).fetchFailure()
                #expect(alone?.code == .unreachable)
                #expect(alone?.advice.contains("`transport: auto`, because libgit2 and the server have no TLS") == true)
                let wrong = await fixture.source(url, access: access(.auto, token: "wrong")).fetchFailure()
                #expect(wrong?.message == "\(url) refused the credentials")
            }
        }
    }

    @Test func aClientCertificateIsForTheGitCommand() async throws {
        try await Fixture.with { fixture in
            try await serve(fixture, asksClients: true) { url, authority in
                func access(_ transport: Transport, _ name: String? = "client") -> GitAccess {
                    GitAccess(
                        transport: transport,
                        tls: TLSAccess(
                            authorities: authority.certificate, certificate: name.map { "\(fixture.folder)/\($0).pem" },
                            key: name.map { "\(fixture.folder)/\($0).key" }))
                }
                let source = fixture.source(url, access: access(.auto))
                let fetched = try await source.fetch()
                #expect(try await fetched.commit == fixture.head)
                #expect(
                    source.transport?.text == "the git command, because libgit2 cannot present a client certificate")
                #expect(await fixture.source(url, access: access(.libgit2)).fetchFailure()?.code == .unsupported)
                for transport in Transport.both {
                    #expect(
                        await fixture.source(url, access: access(transport, nil)).fetchFailure()?.code == .unreachable)
                }
            }
        }
    }

    @Test(arguments: Transport.both)
    func goesThroughAProxy(_ transport: Transport) async throws {
        try await Fixture.with { fixture in
            try await serve(fixture, password: WebTests.token) { url, authority in
                try await ForwardProxy.serve(in: fixture.folder) { proxy in
                    let source = fixture.source(
                        url,
                        access: GitAccess(
                            transport: transport, user: "robot", token: .plain(WebTests.token),
                            tls: TLSAccess(authorities: authority.certificate), proxy: Proxy(url: proxy.url)))
                    let fetched = try await source.fetch()
                    #expect(try await fetched.commit == fixture.head)
                    #expect(source.transport?.transport == transport)
                    #expect(proxy.said.contains("CONNECT localhost:"))
                }
            }
        }
    }

    @Test func signsInAtAProxyByTheGitCommand() async throws {
        try await Fixture.with { fixture in
            try await serve(fixture, password: WebTests.token) { url, authority in
                try await ForwardProxy.serve(in: fixture.folder, user: "way", password: "pass-word.9") { proxy in
                    func source(_ transport: Transport, _ password: String?) -> GitSource {
                        fixture.source(
                            url,
                            access: GitAccess(
                                transport: transport, user: "robot", token: .plain(WebTests.token),
                                tls: TLSAccess(authorities: authority.certificate),
                                proxy: Proxy(
                                    url: proxy.url, user: password.map { _ in "way" },
                                    password: password.map { .plain($0) })))
                    }
                    let good = source(.auto, "pass-word.9")
                    let fetched = try await good.fetch()
                    #expect(try await fetched.commit == fixture.head)
                    #expect(good.transport?.reason == "libgit2 cannot sign in at every proxy")
                    #expect(proxy.said.contains("CONNECT localhost:"))
                    for password in ["planted-wrong-71", nil] {
                        let wrong = await source(.git, password).fetchFailure()
                        #expect(wrong?.code == .authentication, "\(wrong?.description ?? "")")
                        #expect(wrong?.message.hasPrefix("the proxy asks for other credentials") == true)
                        #expect(wrong?.description.contains("planted-wrong-71") == false)
                    }
                    #expect(await source(.libgit2, nil).fetchFailure() != nil)
                }
            }
        }
    }

    @Test func aProxysPasswordMayBeAnything() {
        let proxy = ProxySettings(url: "http://h:1", user: "a:b", password: "p@/ü %")
        #expect(proxy.address == "http://a%3Ab:p%40%2F%C3%BC%20%25@h:1")
    }

    @Test func anUnusableProxyIsRefused() async throws {
        try await Fixture.with { fixture in
            for url in ["http://me:secret@h:1", "h:1", "ftp://h:1", "http://", "http://-x", "http://a b"] {
                let source = fixture.source("http://127.0.0.1:1/x", access: GitAccess(proxy: Proxy(url: url)))
                let error = await source.fetchFailure()
                #expect(error?.code == .configuration, "\(url)")
                #expect(error?.description.contains("secret") == false)
            }
            let socks = fixture.source(
                "http://127.0.0.1:1/x", access: GitAccess(proxy: Proxy(url: "socks5://127.0.0.1:1")))
            #expect(await socks.fetchFailure()?.code == .unreachable)
            #expect(socks.transport?.reason == "libgit2 speaks to http:// proxies only")
        }
    }
}
