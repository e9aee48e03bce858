import Glibc
import Model
import Processes
import Synchronization

/// A server process on loopback that lives as long as a test needs it.
package enum TestServer {
    /// A port of 127.0.0.1 for a server that must be told one. It lies below those that the system gives by itself, and
    /// each is given once: so no other test gets it before the server has it.
    package static func freePort() throws -> Int {
        for _ in 0..<1000 {
            let port = nextPort.withLock { next in
                next = next < 29_999 ? next + 1 : 20_000
                return next
            }
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            defer { close(listener) }
            if (try? bind(listener, port: port)) != nil { return port }
        }
        throw TestSupportError("no port from 20000 to 29999 is free")
    }

    /// Lends a port of 127.0.0.1 that refuses every connection: it is held, and nobody listens.
    package static func withRefusingPort<R>(_ body: (Int) async throws -> R) async throws -> R {
        let holder = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(holder) }
        return try await body(try bind(holder, port: 0))
    }

    /// Where two runs of the tests begin differs.
    private static let nextPort = Mutex(Int.random(in: 20_000..<30_000))

    /// Runs a server until `body` ends; its process group is killed then. Throws where it does not accept connections
    /// within a minute.
    package static func run<R: Sendable>(
        _ command: Command, address: String = "127.0.0.1", port: Int, _ body: @Sendable () async throws -> R
    ) async throws -> R {
        let server = Task { await ProcessRunner().run(command) }
        do {
            try await wait(for: port, at: address, server)
            let result = try await body()
            server.cancel()
            _ = await server.value
            return result
        } catch {
            server.cancel()
            _ = await server.value
            throw error
        }
    }

    /// Binds a socket to 127.0.0.1; port 0 for any. Returns the port.
    package static func bind(_ listener: Int32, port: Int) throws -> Int {
        var address = loopback(port)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                Glibc.bind(listener, address, length) == 0 && getsockname(listener, address, &length) == 0
            }
        }
        guard result else { throw TestSupportError("no port could be bound: errno \(errno)") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Whether something accepts connections there.
    static func accepts(_ port: Int, at place: String) -> Bool {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(connection) }
        var address = loopback(port)
        guard inet_pton(AF_INET, place, &address.sin_addr) == 1 else { return false }
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    /// A connection to a port of 127.0.0.1, or -1. An answer must come within a minute.
    package static func connection(to port: Int) -> Int32 {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(port)
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result == 0 { return connection }
        let code = errno
        close(connection)
        errno = code
        return -1
    }

    /// Sends a text to a unix socket and reads to the end; nil where nobody answers.
    package static func ask(socket path: String, _ text: String) -> String? {
        let connection = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(connection) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(connection, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        let bytes = Array(text.utf8)
        guard result == 0, send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return nil }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return answer.isEmpty ? nil : String(decoding: answer, as: UTF8.self) }
            answer += buffer.prefix(count)
        }
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func wait(for port: Int, at address: String, _ server: Task<CommandResult, Never>) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !accepts(port, at: address) {
            guard ContinuousClock.now < deadline else {
                server.cancel()
                let result = await server.value
                throw TestSupportError(
                    "the server did not start: \(result.ending) \(String(decoding: result.errors, as: UTF8.self))")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
