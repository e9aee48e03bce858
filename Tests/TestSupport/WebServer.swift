import Glibc
import Synchronization

/// An HTTP server on loopback that answers as a test says: status, body, and after how long.
package final class WebServer: Sendable {
    /// One answer.
    package struct Answer: Sendable {
        /// The status.
        package var status: Int
        /// The body.
        package var body: String
        /// How long it takes, in milliseconds.
        package var delay: Int

        /// All parts.
        package init(_ status: Int = 200, _ body: String = "ok", delay: Int = 0) {
            self.status = status
            self.body = body
            self.delay = delay
        }
    }

    /// The port on 127.0.0.1.
    package let port: Int

    private let listener: Int32
    private let answer: @Sendable (_ head: String, _ number: Int) -> Answer
    private let heads = Mutex<[String]>([])

    /// Lends a server that runs until `body` ends. `answer` gets the request's head, whole, and its number from 0.
    package static func run<R>(
        isolation: isolated (any Actor)? = #isolation,
        _ answer: @escaping @Sendable (_ head: String, _ number: Int) -> Answer,
        _ body: (WebServer) async throws -> R
    ) async throws -> R {
        let server = try WebServer(answer)
        defer { server.stop() }
        return try await body(server)
    }

    /// `127.0.0.1:PORT`.
    package var address: String { "127.0.0.1:\(port)" }

    /// The heads of all requests so far.
    package var requests: [String] { heads.withLock { $0 } }

    /// Starts one; whoever does not use `run` must stop it.
    package init(_ answer: @escaping @Sendable (_ head: String, _ number: Int) -> Answer) throws {
        self.answer = answer
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        port = try TestServer.bind(listener, port: 0)
        guard listen(listener, 64) == 0 else { throw TestSupportError("cannot listen: errno \(errno)") }
        HostileServer.thread { self.serve() }
    }

    /// Ends it: from then on connections are refused.
    package func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { break }
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            HostileServer.thread {
                self.talk(connection)
                close(connection)
            }
        }
        close(listener)
    }

    private func talk(_ connection: Int32) {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while !String(decoding: bytes, as: UTF8.self).contains("\r\n\r\n") {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            bytes += buffer.prefix(count)
        }
        let head = String(decoding: bytes, as: UTF8.self)
        let number = heads.withLock { heads in
            heads.append(head)
            return heads.count - 1
        }
        let answer = answer(head, number)
        if answer.delay > 0 { usleep(UInt32(answer.delay) * 1000) }
        let text =
            "HTTP/1.1 \(answer.status) X\r\ncontent-length: \(answer.body.utf8.count)\r\nconnection: close\r\n\r\n"
            + answer.body
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
