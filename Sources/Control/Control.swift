import Glibc

/// Speaks to the loop that holds a state folder.
package enum Control {
    /// How long the loop may take to answer, in seconds.
    static let patience = 5

    /// Sends a message and waits for the answer, five seconds at most. Blocks its thread.
    /// Throws where no loop listens on this folder, or where it refuses.
    package static func send(_ message: ControlMessage, state: String) throws(ControlError) {
        let place = try ControlSocket(state: state)
        let socket = ControlSocket.make()
        guard socket >= 0 else { throw failure("no socket can be made") }
        defer { close(socket) }
        var limit = timeval(tv_sec: patience, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(socket, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        guard place.connect(socket) else {
            switch errno {
            case ENOENT, ECONNREFUSED:
                throw ControlError(
                    "no loop runs on the state folder \(state)", advice: "start one with `reconcile run`")
            case EACCES, EPERM:
                throw ControlError("the loop on \(state) belongs to another user", advice: "run this as that user")
            default: throw failure("the loop on \(state) cannot be reached")
            }
        }
        guard ControlSocket.isTrusted(socket) else {
            throw ControlError("the socket in \(state) belongs to another user", advice: "check who owns the folder")
        }
        let line = Array((message.rawValue + "\n").utf8)
        guard Glibc.send(socket, line, line.count, Int32(MSG_NOSIGNAL)) == line.count else {
            throw failure("the loop on \(state) does not listen")
        }
        let answer = answer(socket)
        guard answer == "ok" else {
            throw ControlError(
                answer.isEmpty ? "the loop on \(state) gave no answer" : "the loop on \(state) refused: \(answer)",
                advice: "look at what it logs")
        }
    }

    private static func answer(_ socket: Int32) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256)
        while bytes.count < 1024 {
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
        }
        // Only our own words are shown: the line is ASCII, whoever sent it.
        return String(decoding: bytes.filter { (0x20..<0x7F).contains($0) }, as: UTF8.self)
    }

    private static func failure(_ what: String) -> ControlError {
        ControlError("\(what) (\(String(cString: strerror(errno))))", advice: "check the state folder and its owner")
    }
}
