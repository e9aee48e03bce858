import Glibc
import Processes
import Synchronization

/// Stands before an engine's socket on a port of loopback, and lets requests through or not.
package final class EngineProxy: Sendable {
    /// What it does with what clients send.
    package enum Manner: Sendable {
        case passing
        /// Each request is answered with 500 and the message `all is lost`.
        case failing
        /// No request is ever answered.
        case hanging
        /// Each request is held back for so many milliseconds.
        case slow(Int)
    }

    /// `tcp://127.0.0.1:PORT`.
    package let address: String

    private let listener: Int32
    private let engine: String
    private let current = Mutex(Manner.passing)
    private let open = Mutex<Set<Int32>>([])
    private let failed = Mutex(0)

    /// How many requests it has answered itself, with a failure.
    package var failures: Int { failed.withLock { $0 } }

    /// How it is now; also for connections that are open.
    package var manner: Manner {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }

    /// Lends one that runs until `body` ends.
    package static func run<R>(to socket: String, _ body: (EngineProxy) async throws -> R) async throws -> R {
        let proxy = try EngineProxy(socket)
        defer { proxy.stop() }
        return try await body(proxy)
    }

    private init(_ engine: String) throws {
        self.engine = engine
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let port = try TestServer.bind(listener, port: 0)
        guard listen(listener, 64) == 0 else { throw TestSupportError("cannot listen: errno \(errno)") }
        address = "tcp://127.0.0.1:\(port)"
        _ = OwnThread.start { self.serve() }
    }

    private func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        cut()
    }

    /// Cuts every connection that is open.
    package func cut() {
        for descriptor in open.withLock({ $0 }) { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    private func serve() {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { break }
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            let engine = connect()
            open.withLock { $0.formUnion([client, engine]) }
            _ = OwnThread.start {
                self.requests(client, engine)
                shutdown(engine, Int32(SHUT_RDWR))
            }
            _ = OwnThread.start {
                self.answers(engine, client)
                self.open.withLock { $0.subtract([client, engine]) }
                shutdown(client, Int32(SHUT_RDWR))
                // The other thread may still read: the descriptors stay until the process ends.
            }
        }
        close(listener)
    }

    private func requests(_ client: Int32, _ engine: Int32) {
        while let bytes = EngineProxy.hear(client) {
            switch manner {
            case .passing: EngineProxy.say(bytes, engine)
            case .hanging: break
            case .slow(let milliseconds):
                usleep(UInt32(milliseconds) * 1000)
                EngineProxy.say(bytes, engine)
            case .failing:
                failed.withLock { $0 += 1 }
                let body = #"{"message": "all is lost"}"#
                let head =
                    "HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Type: application/json\r\n"
                EngineProxy.say(Array("\(head)Content-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8), client)
                shutdown(client, Int32(SHUT_WR))
                return
            }
        }
    }

    private func answers(_ engine: Int32, _ client: Int32) {
        while let bytes = EngineProxy.hear(engine) { EngineProxy.say(bytes, client) }
    }

    private func connect() -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var place = sockaddr_un()
        place.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &place.sun_path) { $0.copyBytes(from: engine.utf8) }
        _ = withUnsafePointer(to: place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return descriptor
    }

    private static func hear(_ descriptor: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer.prefix(count)) : nil
    }

    private static func say(_ bytes: [UInt8], _ descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
