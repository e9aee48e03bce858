import Foundation
import Glibc

/// A real server on a free loopback port that treats every connection as it is told, each on a thread of its own.
final class Server: Sendable {
    let port: UInt16
    private let listener: Int32
    private let isListening: Bool

    /// `serve` gets the connection; it is closed afterwards.
    /// With `isListening` false the port is held, so that nobody else gets it, and every connection is refused.
    init(isListening: Bool = true, _ serve: @escaping @Sendable (Int32) -> Void) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) | (isListening ? listen(listener, 64) : 0) | getsockname(listener, $0, &size)
            }
        }
        guard code == 0 else { throw Failure(reason: "no server: \(errno)") }
        port = UInt16(bigEndian: address.sin_port)
        self.isListening = isListening
        guard isListening else { return }
        Thread.detachNewThread {
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else {
                    if errno != EINVAL { continue }
                    // Only here: closed elsewhere, its number could already belong to another server.
                    close(listener)
                    return
                }
                Thread.detachNewThread {
                    serve(connection)
                    close(connection)
                }
            }
        }
    }

    /// Answers every request with these bytes.
    convenience init(answer: String) throws {
        try self.init { connection in
            Server.readRequest(connection)
            Server.send(connection, answer)
        }
    }

    deinit {
        // Ends the thread's accept, which then closes.
        if isListening { shutdown(listener, Int32(SHUT_RDWR)) } else { close(listener) }
    }

    /// Reads to the empty line that ends a request's headers, or to the end.
    @discardableResult static func readRequest(_ connection: Int32) -> String {
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !text.hasSuffix("\r\n\r\n") {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            text += String(decoding: buffer.prefix(count), as: UTF8.self)
        }
        return text
    }

    /// Whether all could be sent.
    @discardableResult static func send(_ connection: Int32, _ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Waits until the other side hangs up, five minutes at most.
    static func waitForEnd(_ connection: Int32) {
        var limit = timeval(tv_sec: 300, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var byte: UInt8 = 0
        while recv(connection, &byte, 1, 0) > 0 {}
    }
}

/// Why a test cannot go on.
struct Failure: Error {
    var reason: String
}
