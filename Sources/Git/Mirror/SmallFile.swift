import CLibGit2
import Glibc

/// Reads a file that a person named, whole.
enum SmallFile {
    struct Unreadable: Error {
        var reason: String
        var isMissing: Bool
    }

    /// A regular file of at most `limit` bytes.
    static func read(_ path: String, limit: Int) throws(Unreadable) -> [UInt8] {
        func refusal() -> Unreadable {
            Unreadable(reason: String(cString: strerror(errno)), isMissing: errno == ENOENT)
        }
        // Non-blocking, so that a named pipe is refused below and not waited for here.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else { throw refusal() }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Unreadable(reason: "it is no regular file", isMissing: false)
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= limit {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count == 0 { return bytes }
            guard count > 0 else { throw refusal() }
            bytes.append(contentsOf: buffer.prefix(count))
        }
        throw Unreadable(reason: "it is larger than \(limit) bytes", isMissing: false)
    }
}
