import Glibc
import Processes
import Synchronization

/// Requests to a server of 127.0.0.1, and what came of them.
package struct Load: Sendable {
    /// What came of all requests.
    package struct Tally: Sendable {
        /// How many answers had which body.
        package var answers: [String: Int] = [:]
        /// What went wrong, a line each.
        package var failures: [String] = []
        /// The first answer's headers.
        package var headers = ""

        /// How many were answered.
        package var total: Int { answers.values.reduce(0, +) }
    }

    /// Where.
    package var port: Int
    /// What is asked for.
    package var path: String
    /// Whole lines besides `host`.
    package var headers: [String]
    /// Whether a connection is kept for the next request.
    package var isKept: Bool

    /// All parts.
    package init(port: Int, path: String = "/", headers: [String] = [], isKept: Bool = true) {
        self.port = port
        self.path = path
        self.headers = headers
        self.isKept = isKept
    }

    /// Asks so many times, on some connections side by side.
    package func run(_ requests: Int, connections: Int = 8) async -> Tally {
        let left = Count(requests)
        return await run(connections) { left.take() }
    }

    /// Asks all the time while the body runs, with a short pause between the requests of each connection.
    package func run<R: Sendable>(
        during body: @Sendable () async throws -> R, connections: Int = 4
    ) async throws -> (R, Tally) {
        let left = Count(.max)
        async let tally = run(connections) {
            usleep(1000)
            return left.take()
        }
        do {
            let result = try await body()
            left.stop()
            return (result, await tally)
        } catch {
            left.stop()
            _ = await tally
            throw error
        }
    }

    private func run(_ connections: Int, _ goesOn: @escaping @Sendable () -> Bool) async -> Tally {
        await withTaskGroup(of: Tally.self) { group in
            for _ in 0..<connections { group.addTask { await OwnThread.run { work(goesOn) } } }
            var all = Tally()
            for await part in group {
                all.answers.merge(part.answers) { $0 + $1 }
                all.failures += part.failures
                if all.headers.isEmpty { all.headers = part.headers }
            }
            return all
        }
    }

    private func work(_ goesOn: () -> Bool) -> Tally {
        var tally = Tally()
        var connection: Int32 = -1
        defer { if connection >= 0 { close(connection) } }
        let end = isKept ? [] : ["connection: close"]
        let request = Array(
            (["GET \(path) HTTP/1.1", "host: test"] + headers + end + ["", ""]).joined(separator: "\r\n").utf8)
        while goesOn() {
            if connection < 0 { connection = TestServer.connection(to: port) }
            guard connection >= 0 else {
                tally.failures.append("no connection: \(String(cString: strerror(errno)))")
                continue
            }
            let sent = send(connection, request, request.count, Int32(MSG_NOSIGNAL))
            let (text, isWhole) = sent == request.count ? Self.answer(connection) : ("", false)
            if isWhole, text.hasPrefix("HTTP/1.1 200"), let body = text.firstRange(of: "\r\n\r\n") {
                tally.answers[String(text[body.upperBound...]), default: 0] += 1
                if tally.headers.isEmpty { tally.headers = String(text[..<body.lowerBound]) }
            } else {
                tally.failures.append(
                    text.isEmpty ? "no answer: \(String(cString: strerror(errno)))" : String(text.prefix(200)))
            }
            if !isKept || !isWhole || text.lowercased().contains("\r\nconnection: close") {
                close(connection)
                connection = -1
            }
        }
        return tally
    }

    /// Reads one answer with a `content-length`.
    private static func answer(_ connection: Int32) -> (text: String, isWhole: Bool) {
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 8192)
        while true {
            if let head = text.firstRange(of: "\r\n\r\n") {
                let lines = text[..<head.lowerBound].lowercased().split(separator: "\r\n")
                let length = lines.first { $0.hasPrefix("content-length:") }.flatMap {
                    Int($0.dropFirst(15).filter { $0 != " " })
                }
                if let length, text[head.upperBound...].utf8.count >= length { return (text, true) }
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return (text, false) }
            text += String(decoding: buffer.prefix(count), as: UTF8.self)
        }
    }

    private final class Count: Sendable {
        private let left: Mutex<Int>
        init(_ count: Int) { left = Mutex(count) }
        func take() -> Bool {
            left.withLock { left in
                left -= 1
                return left >= 0
            }
        }
        func stop() { left.withLock { $0 = 0 } }
    }
}
