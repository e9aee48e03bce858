import Glibc
import Synchronization

/// A small web server on loopback that answers every request with its name. A request for `/slow` is answered when
/// `release` is called. Each connection has a thread of its own and is kept as long as the client wants.
package final class NamedServer: Sendable {
    /// Where it listens on 127.0.0.1.
    package let port: Int
    /// What it answers.
    package let name: String
    private let listener: Int32
    private let state = Mutex((served: 0, isReleased: false, slow: 0))

    /// `127.0.0.1:PORT`.
    package var address: String { "127.0.0.1:\(port)" }

    /// How many requests it answered.
    package var served: Int { state.withLock { $0.served } }

    /// How many requests for `/slow` it holds or held.
    package var slow: Int { state.withLock { $0.slow } }

    /// Begins to listen; ends with its last reference.
    package init(_ name: String) throws {
        self.name = name
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        port = try TestServer.bind(listener, port: 0)
        guard listen(listener, 512) == 0 else { throw TestSupportError("no server: errno \(errno)") }
        let listener = listener
        try Self.thread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                if connection < 0 {
                    if errno == EINVAL || errno == EBADF { break }
                    continue
                }
                guard let server = self else {
                    close(connection)
                    break
                }
                try? Self.thread { [weak server] in
                    server?.serve(connection)
                    close(connection)
                }
            }
            close(listener)
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    /// Lets requests for `/slow` be answered.
    package func release() { state.withLock { $0.isReleased = true } }

    private func serve(_ connection: Int32) {
        var one: Int32 = 1
        setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        let answer = Array("HTTP/1.1 200 OK\r\ncontent-length: \(name.utf8.count)\r\n\r\n\(name)".utf8)
        var pending: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 8192)
        while true {
            guard let end = Self.headerEnd(pending) else {
                let count = recv(connection, &buffer, buffer.count, 0)
                guard count > 0, pending.count < 65_536 else { return }
                pending += buffer.prefix(count)
                continue
            }
            let isSlow = pending.starts(with: "GET /slow".utf8)
            pending.removeFirst(end)
            if isSlow {
                state.withLock { $0.slow += 1 }
                while !state.withLock({ $0.isReleased }) { usleep(5000) }
            }
            state.withLock { $0.served += 1 }
            guard send(connection, answer, answer.count, Int32(MSG_NOSIGNAL)) == answer.count else { return }
        }
    }

    private static func headerEnd(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 3..<bytes.count
        where bytes[index] == 10 && bytes[index - 1] == 13 && bytes[index - 2] == 10 && bytes[index - 3] == 13 {
            return index + 1
        }
        return nil
    }

    static func thread(_ body: @escaping @Sendable () -> Void) throws {
        final class Work: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(body))
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        guard code == 0 else {
            work.release()
            throw TestSupportError("no thread: \(code)")
        }
        pthread_detach(thread)
    }
}
