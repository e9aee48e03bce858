import Glibc

/// Reads whole files.
enum FileBytes {
    struct Unreadable: Error {
        /// The system's number; 0 where the system did not refuse.
        var number: Int32
        var reason: String
    }

    /// The contents of a regular file of at most `limit` bytes.
    static func read(_ path: String, limit: Int, follows: Bool = true) -> Result<[UInt8], Unreadable> {
        func failure() -> Result<[UInt8], Unreadable> {
            .failure(Unreadable(number: errno, reason: String(cString: strerror(errno))))
        }
        // Non-blocking, so that a named pipe is refused below and not waited for here.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (follows ? 0 : O_NOFOLLOW))
        guard file >= 0 else { return failure() }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { return failure() }
        guard status.st_mode & S_IFMT == S_IFREG else {
            return .failure(Unreadable(number: 0, reason: "it is no regular file"))
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= limit {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count == 0 { return .success(bytes) }
            guard count > 0 else { return failure() }
            bytes += buffer.prefix(count)
        }
        return .failure(Unreadable(number: 0, reason: "it is larger than \(limit) bytes"))
    }
}
