import Checks
import Foundation
import Glibc
import Model
import Processes
import TestSupport
import Testing

/// Against real sockets on loopback.
@Suite struct NetworkCheckTests {
    private func ask(_ probe: Check.Probe, timeout: TimeSpan = .seconds(120)) async -> Verdict {
        let checker = Checker(runner: ProcessRunner(), slots: Slots(1), baseEnvironment: [:])
        let verdict = await checker.ask(Check(probe, timeout: timeout), environment: [:], folder: nil).verdict
        await checker.close()
        return verdict
    }

    private func get(_ server: Server, expect: Int? = nil, timeout: TimeSpan = .seconds(120)) async -> Verdict {
        defer { withExtendedLifetime(server) {} }
        return await ask(.http(url: .plain("http://127.0.0.1:\(server.port)/x"), expect: expect), timeout: timeout)
    }

    private func reason(_ verdict: Verdict) -> String? {
        if case .fail(let reason) = verdict { return reason }
        return nil
    }

    @Test(
        arguments: [
            (200, nil, true), (204, nil, true), (302, nil, true), (399, nil, true), (404, nil, false),
            (500, nil, false),
            (404, 404, true), (200, 204, false), (302, 200, false),
        ] as [(Int, Int?, Bool)])
    func theStatusDecides(_ status: Int, _ expect: Int?, _ passes: Bool) async throws {
        let server = try Server(
            answer:
                "HTTP/1.1 \(status) X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        )
        let verdict = await get(server, expect: expect)
        #expect((verdict == .pass) == passes)
        if !passes {
            let wanted = expect.map(String.init) ?? "200 to 399"
            #expect(verdict == .fail("http://127.0.0.1:\(server.port)/x answered \(status), expected \(wanted)"))
        }
    }

    @Test func oneCheckerCanBeAskedAgainAfterItWasClosed() async throws {
        let server = try Server(answer: "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        let checker = Checker(runner: ProcessRunner(), slots: Slots(1), baseEnvironment: [:])
        let check = Check(.http(url: .plain("http://127.0.0.1:\(server.port)/"), expect: 200))
        for _ in 0..<3 {
            for _ in 0..<5 { #expect(await checker.ask(check, environment: [:], folder: nil).verdict == .pass) }
            await checker.close()
        }
        await checker.close()
        withExtendedLifetime(server) {}
    }

    @Test func hostileServersEndAtTheDeadline() async throws {
        let silent = try Server { Server.waitForEnd($0) }
        let slow = try Server { connection in
            Server.readRequest(connection)
            Server.send(connection, "HTTP/1.1 200 OK\r\n")
            while Server.send(connection, "x-a: b\r\n") { usleep(20_000) }
        }
        for server in [silent, slow] {
            let verdict = await get(server, timeout: TimeSpan(milliseconds: 300))
            #expect(reason(verdict)?.contains("within 300ms") == true, "\(verdict)")
        }
    }

    @Test func anEndlessBodyIsNotReadToItsEnd() async throws {
        let endless = try Server { connection in
            Server.readRequest(connection)
            Server.send(connection, "HTTP/1.1 200 OK\r\n\r\n")
            while Server.send(connection, String(repeating: "x", count: 65_536)) {}
        }
        let stuck = try Server { connection in
            Server.readRequest(connection)
            Server.send(connection, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx")
            Server.waitForEnd(connection)
        }
        #expect(await get(endless) == .pass)
        #expect(await get(stuck) == .pass)
    }

    @Test func serversThatSpeakNoHTTPFail() async throws {
        let garbage = try Server(answer: "\u{1b}[31mhello\r\n\r\n")
        let closing = try Server { _ in }
        let huge = try Server { connection in
            Server.readRequest(connection)
            Server.send(connection, "HTTP/1.1 200 OK\r\nx: ")
            while Server.send(connection, String(repeating: "x", count: 65_536)) {}
        }
        for server in [garbage, closing, huge] {
            let reason = try #require(reason(await get(server)))
            #expect(reason.hasPrefix("http://127.0.0.1:\(server.port)/x: ") && reason.count < 400)
            #expect(!reason.contains("\u{1b}"))
        }
        let verdict = await ask(
            .http(url: .plain("https://127.0.0.1:\(garbage.port)/"), expect: nil), timeout: TimeSpan(milliseconds: 300))
        #expect(reason(verdict) != nil, "TLS is wanted")
    }

    @Test func whatRefusesOrHasNoNameSaysSo() async throws {
        let holder = try Server(isListening: false) { _ in }
        defer { withExtendedLifetime(holder) {} }
        let free = holder.port
        let refused = await ask(.http(url: .plain("http://127.0.0.1:\(free)/"), expect: nil))
        #expect(refused == .fail("http://127.0.0.1:\(free)/: connection refused"))
        #expect(await ask(.tcp(address: .plain("127.0.0.1:\(free)"))) == .fail("127.0.0.1:\(free): connection refused"))
        for probe in [
            Check.Probe.tcp(address: .plain("no-such.invalid:80")),
            .http(url: .plain("http://no-such.invalid/"), expect: nil),
        ] {
            let reason = try #require(reason(await ask(probe, timeout: .seconds(2))))
            #expect(reason.contains("cannot be resolved") || reason.contains("within 2s"), "\(reason)")
        }
    }

    @Test(arguments: ["ftp://127.0.0.1/", "127.0.0.1", "", "unix:/run/x", "http://", "http://[::", "http://a b/"])
    func addressesThatAreNone(_ url: String) async {
        #expect(reason(await ask(.http(url: .plain(url), expect: nil), timeout: .seconds(2))) != nil)
    }

    @Test func tcpPassesWhereSomebodyListens() async throws {
        let server = try Server { Server.waitForEnd($0) }
        #expect(await ask(.tcp(address: .plain("127.0.0.1:\(server.port)"))) == .pass)
        #expect(await ask(.tcp(address: .plain("localhost:\(server.port)"))) == .pass)
        withExtendedLifetime(server) {}
        for address in ["127.0.0.1", "127.0.0.1:", ":80", "::1:80", "127.0.0.1:0", "127.0.0.1:70000", "[::1]", "a:-1"] {
            let reason = reason(await ask(.tcp(address: .plain(address))))
            #expect(reason?.contains("is no address to connect to") == true, "\(address)")
        }
    }

    @Test func aServerThatDropsEveryPacketIsLate() async {
        // A full backlog drops what comes: the nearest to a dead host that loopback has.
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        var fillers: [Int32] = []
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(listener, $0, size) | listen(listener, 0) | getsockname(listener, $0, &size)
                for _ in 0..<8 {
                    let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
                    connect(filler, $0, size)
                    fillers.append(filler)
                }
            }
        }
        defer { for filler in fillers { close(filler) } }
        let port = UInt16(bigEndian: address.sin_port)
        let verdict = await ask(.tcp(address: .plain("127.0.0.1:\(port)")), timeout: TimeSpan(milliseconds: 300))
        #expect(reason(verdict)?.contains("within 300ms") == true, "\(verdict)")
    }

    @Test func aSecretAddressIsNotShown() async throws {
        let holder = try Server(isListening: false) { _ in }
        defer { withExtendedLifetime(holder) {} }
        let free = holder.port
        let file = FileManager.default.temporaryDirectory.appending(path: "check-secret-\(getpid())")
        try Data("http://127.0.0.1:\(free)/token-canary".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let verdict = await ask(.http(url: .secret(.file(file.path)), expect: nil))
        #expect(verdict == .fail("(secret): connection refused"))
        let missing = await ask(.tcp(address: .secret(.environment("NO_SUCH_VARIABLE"))))
        #expect(reason(missing)?.contains("NO_SUCH_VARIABLE") == true)
    }

    @Test func aCertificateThatNobodyTrustedIsRefusedInPlainWords() async throws {
        try await TemporaryFolder.with { folder in
            try await TLSServer.serve(in: folder) { server in
                let url = "https://localhost:\(server.port)/"
                let reason = try #require(reason(await ask(.http(url: .plain(url), expect: nil))))
                #expect(reason.hasPrefix("\(url): the server's certificate is not valid here"))
                #expect(reason.contains("update-ca-certificates") && !reason.contains("NIOSSL"))
                #expect(await ask(.tcp(address: .plain("localhost:\(server.port)"))) == .pass)
            }
        }
        let plain = try Server { connection in
            var bytes = [UInt8](repeating: 0, count: 4096)
            _ = recv(connection, &bytes, bytes.count, 0)
            Server.send(connection, "HTTP/1.1 400 Bad\r\ncontent-length: 0\r\n\r\n")
        }
        let spoken = reason(await ask(.http(url: .plain("https://127.0.0.1:\(plain.port)/"), expect: nil)))
        #expect(
            spoken?.hasSuffix("the TLS handshake failed; does the server speak TLS there?") == true, "\(spoken ?? "")")
        withExtendedLifetime(plain) {}
    }

    /// A client that is dropped while it is open ends a debug build.
    @Test func aCheckerMayBeDroppedWithoutBeingClosed() async throws {
        let server = try Server(answer: "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        let port = Int(server.port)
        await #expect(processExitsWith: .success) { [port = port as Int] in
            let check = Check(.http(url: .plain("http://127.0.0.1:\(port)/"), expect: 200), timeout: .seconds(120))
            let checker = Checker(runner: ProcessRunner(), slots: Slots(1), baseEnvironment: [:])
            #expect(await checker.ask(check, environment: [:], folder: nil).verdict == .pass)
        }
        withExtendedLifetime(server) {}
    }

    @Test func aCancelledCheckIsInconclusive() async throws {
        let asked = AsyncStream<Void>.makeStream()
        let silent = try Server { connection in
            Server.readRequest(connection)
            asked.continuation.yield()
            Server.waitForEnd(connection)
        }
        let port = silent.port
        let task = Task { await ask(.http(url: .plain("http://127.0.0.1:\(port)/"), expect: nil)) }
        for await _ in asked.stream { break }
        task.cancel()
        #expect(await task.value == .inconclusive("http://127.0.0.1:\(port)/: the check was cancelled"))
        withExtendedLifetime(silent) {}
    }
}
