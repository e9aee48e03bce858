import Glibc
import Synchronization

/// A server on loopback that does not do what servers should.
package final class HostileServer: Sendable {
    /// What it does with a connection.
    package enum Manner: Sendable {
        /// Reads and never answers.
        case silent
        /// Closes at once.
        case closing
        /// Waits for the first bytes, answers with these and closes.
        case answering([UInt8])
        /// Waits for the first bytes, answers with these and says no more, but keeps the connection.
        case stalling([UInt8])
        /// Of these, the first connection gets the first answers and so on: one whenever it says something. After the
        /// last one it hears no more, and is read on. Connections beyond the last are closed.
        case inTurn([[[UInt8]]])
        /// Waits for the first bytes, answers with these, ends its own half of the connection and goes on reading.
        case halfClosing([UInt8])
    }

    /// The port on 127.0.0.1.
    package let port: Int

    private let listener: Int32
    private let manner: Manner
    private let heard = Mutex<[UInt8]>([])
    private let turn = Mutex(0)
    private let connections = Mutex<(open: Set<Int32>, isStopped: Bool)>(([], false))

    /// Lends a server that runs until `body` ends.
    package static func run<R>(_ manner: Manner, _ body: (HostileServer) async throws -> R) async throws -> R {
        let server = try HostileServer(manner)
        defer { server.stop() }
        return try await body(server)
    }

    /// Everything that clients sent, as text.
    package var received: String { heard.withLock { String(decoding: $0, as: UTF8.self) } }

    private init(_ manner: Manner) throws {
        self.manner = manner
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        port = try TestServer.bind(listener, port: 0)
        guard listen(listener, 16) == 0 else { throw TestSupportError("cannot listen: errno \(errno)") }
        HostileServer.thread { self.serve() }
    }

    /// Ends it with all its connections, before `run` does.
    package func stop() {
        connections.withLock { state in
            // The thread that waits in accept closes the socket itself: a second time it would be somebody else's.
            guard !state.isStopped else { return }
            state.isStopped = true
            shutdown(listener, Int32(SHUT_RDWR))
            for connection in state.open { shutdown(connection, Int32(SHUT_RDWR)) }
        }
    }

    private func serve() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { break }
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            let isWanted = connections.withLock { state in
                if !state.isStopped { state.open.insert(connection) }
                return !state.isStopped
            }
            guard isWanted else {
                close(connection)
                break
            }
            HostileServer.thread { self.talk(connection) }
        }
        close(listener)
    }

    private func talk(_ connection: Int32) {
        switch manner {
        case .closing: break
        case .silent: while hear(connection) {}
        case .answering(let bytes):
            if hear(connection) { say(bytes, connection) }
        case .stalling(let bytes):
            if hear(connection) { say(bytes, connection) }
            while hear(connection) {}
        case .inTurn(let answers):
            let turn = turn.withLock { turn in
                defer { turn += 1 }
                return turn
            }
            guard turn < answers.count else { break }
            for answer in answers[turn] where hear(connection) { say(answer, connection) }
            shutdown(connection, Int32(SHUT_WR))
            while hear(connection) {}
        case .halfClosing(let bytes):
            if hear(connection) { say(bytes, connection) }
            shutdown(connection, Int32(SHUT_WR))
            while hear(connection) {}
        }
        connections.withLock { _ = $0.open.remove(connection) }
        close(connection)
    }

    private func hear(_ connection: Int32) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(connection, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        heard.withLock { $0.append(contentsOf: buffer.prefix(count)) }
        return true
    }

    private func say(_ bytes: [UInt8], _ connection: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    static func thread(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(Work(body)).toOpaque()
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, argument)
        if result == 0 { pthread_detach(thread) }
    }
}
