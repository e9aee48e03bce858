import FoundationEssentials
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Control

@Suite struct ControlTests {
    @Test func aWakeArrivesAndIsAnswered() async throws {
        try await TemporaryFolder.with { folder in
            let server = try ControlServer(state: folder)
            defer { server.stop() }
            try Control.send(.wake, state: folder)
            try Control.send(.requests, state: folder)
            var messages = server.messages.makeAsyncIterator()
            #expect(await messages.next() == .wake)
            #expect(await messages.next() == .requests)
        }
    }

    @Test func theSocketIsItsOwnersAloneWhateverTheMask() async throws {
        try await TemporaryFolder.with { folder in
            let server = try ControlServer(state: folder)
            defer { server.stop() }
            var status = stat()
            #expect(stat(folder + "/control.sock", &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600 & ~currentMask())
            #expect(status.st_mode & S_IFMT == S_IFSOCK)
        }
    }

    @Test func aLongStatePathWorks() async throws {
        try await TemporaryFolder.with { folder in
            let deep = folder + "/" + String(repeating: "a", count: 150) + "/" + String(repeating: "b", count: 150)
            #expect(mkdir(String(deep.dropLast(151)), 0o700) == 0 && mkdir(deep, 0o700) == 0)
            let server = try ControlServer(state: deep)
            defer { server.stop() }
            try Control.send(.wake, state: deep)
        }
    }

    @Test func aSocketOfADeadLoopIsReplacedAndOursIsRemovedAtTheEnd() async throws {
        try await TemporaryFolder.with { folder in
            let old = ControlSocket.make()
            let bound = try ControlSocket(state: folder).listen(old)
            #expect(bound)
            close(old)
            #expect(throws: ControlError.self) { try Control.send(.wake, state: folder) }
            let server = try ControlServer(state: folder)
            try Control.send(.wake, state: folder)
            server.stop()
            for await _ in server.messages {}
            #expect(access(folder + "/control.sock", F_OK) != 0)
        }
    }

    @Test func withoutALoopTheErrorSaysHowToStartOne() async throws {
        try await TemporaryFolder.with { folder in
            let error = #expect(throws: ControlError.self) { try Control.send(.wake, state: folder) }
            #expect(error?.description.contains("reconcile run") == true)
            let missing = #expect(throws: ControlError.self) { try Control.send(.wake, state: folder + "/none") }
            #expect(missing?.description.contains("--state") == true)
        }
    }

    @Test(arguments: [
        ("nonsense\n", "error: unknown message\n"), (String(repeating: "x", count: 2000), "error: too long\n"),
        (String(repeating: "x", count: 1025) + "\n", "error: too long\n"), ("wake\n\u{1B}[2J", "ok\n"),
        ("\n", "error: unknown message\n"), ("WAKE\n", "error: unknown message\n"),
        ("wake\r\n", "error: unknown message\n"),
    ])
    func onlyTheExactLinesMeanSomething(line: String, answer: String) async throws {
        try await TemporaryFolder.with { folder in
            let server = try ControlServer(state: folder)
            defer { server.stop() }
            let client = try RawClient(folder)
            client.say(line)
            #expect(client.rest() == answer)
            try Control.send(.wake, state: folder)
        }
    }

    @Test func aLineMayComeInPieces() async throws {
        try await TemporaryFolder.with { folder in
            let server = try ControlServer(state: folder)
            defer { server.stop() }
            let client = try RawClient(folder)
            client.say("wa")
            try Control.send(.requests, state: folder)
            client.say("ke\n")
            #expect(client.rest() == "ok\n")
        }
    }

    @Test func silentClientsHoldNobodyUpForLong() async throws {
        try await TemporaryFolder.with { folder in
            let server = try ControlServer(state: folder)
            defer { server.stop() }
            let idle = try (0..<(ControlLoop.maxClients + 8)).map { _ in try RawClient(folder) }
            // All places are taken: this one is served when the idle ones are sent away.
            let late = try RawClient(folder)
            late.say("wake\n")
            #expect(late.rest() == "ok\n")
            #expect(idle[0].rest() == "error: too slow\n")
        }
    }

    /// Once the folder and the socket let everybody in, only the kernel's word on who is there keeps others out.
    @Test(.enabled(if: geteuid() == 0, "only root can become another user"))
    func anotherUserIsRefused() async throws {
        try await TemporaryFolder.with { folder in
            let server = try ControlServer(state: folder)
            defer { server.stop() }
            chmod(folder, 0o755)
            await #expect(processExitsWith: .success) { [folder = folder as String] in
                #expect(seteuid(65534) == 0)
                let error = #expect(throws: ControlError.self) { try Control.send(.wake, state: folder) }
                #expect(error?.message.contains("belongs to another user") == true, "\(String(describing: error))")
            }
            chmod(folder + "/control.sock", 0o666)
            await #expect(processExitsWith: .success) { [folder = folder as String] in
                #expect(seteuid(65534) == 0)
                let error = #expect(throws: ControlError.self) { try Control.send(.wake, state: folder) }
                #expect(error?.message.contains("not your loop") == true, "\(String(describing: error))")
            }
            // The first that arrives is the one that was allowed: nothing of the others did.
            try Control.send(.requests, state: folder)
            var messages = server.messages.makeAsyncIterator()
            #expect(await messages.next() == .requests)
        }
    }

    @Test func clientsThatVanishAreForgotten() async throws {
        try await TemporaryFolder.with { folder in
            let server = try ControlServer(state: folder)
            defer { server.stop() }
            for _ in 0..<200 { _ = try RawClient(folder) }
            try Control.send(.wake, state: folder)
        }
    }

    private func currentMask() -> mode_t {
        // umask(2) can only be asked by setting it, for all tests at once.
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("Umask:") }
        return line?.split(separator: "\t").last.flatMap { mode_t($0, radix: 8) } ?? 0
    }
}

/// A client that says what it wants.
private final class RawClient {
    private let socket: Int32

    init(_ folder: String) throws {
        socket = ControlSocket.make()
        let isConnected = try ControlSocket(state: folder).connect(socket)
        try #require(isConnected)
        var limit = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(socket) }

    func say(_ text: String) {
        let bytes = Array(text.utf8)
        _ = send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Everything up to the end of the connection.
    func rest() -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer.prefix(count)
        }
    }
}
