import Glibc

/// A worker's standard input, line by line. A line of more than a megabyte is none of ours.
struct WorkerInput {
    private var bytes: [UInt8] = []

    /// The next line, waited for; nil at the end.
    mutating func next() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                defer { bytes.removeFirst(end + 1) }
                return Array(bytes[..<end])
            }
            guard bytes.count < 1 << 20 else { return nil }
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            bytes.append(contentsOf: buffer.prefix(count))
        }
    }
}
