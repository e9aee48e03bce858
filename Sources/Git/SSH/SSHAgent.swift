import Glibc

/// The keys that an ssh agent holds; see draft-miller-ssh-agent, sections 4 and 5.
enum SSHAgent {
    /// Their types. Nil where no agent answers at this socket.
    static func keyTypes(socket path: String) -> [String]? {
        var place = sockaddr_un()
        place.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &place.sun_path) { bytes in
            guard path.utf8.count < bytes.count else { return false }
            bytes.copyBytes(from: path.utf8)
            return true
        }
        guard fits else { return nil }
        let connection = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard connection >= 0 else { return nil }
        defer { close(connection) }
        let code = withUnsafePointer(to: place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(connection, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        let question: [UInt8] = [0, 0, 0, 1, 11]
        guard code == 0, send(connection, question, question.count, Int32(MSG_NOSIGNAL)) == question.count,
            let head = receive(4, connection)
        else { return nil }
        var size = SSHWire(head)
        guard let count = size.number(), count > 4, count <= 1 << 20, let answer = receive(count, connection),
            answer.first == 12
        else { return nil }
        var wire = SSHWire(answer.dropFirst())
        var types: [String] = []
        for _ in 0..<(wire.number() ?? 0) {
            guard let key = wire.bytes(), wire.bytes() != nil else { break }
            types.append(SSHWire.type(ofKey: key) ?? "")
        }
        return types
    }

    private static func receive(_ count: Int, _ connection: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: count)
        while bytes.count < count {
            let got = recv(connection, &buffer, count - bytes.count, 0)
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            bytes.append(contentsOf: buffer.prefix(got))
        }
        return bytes
    }
}
