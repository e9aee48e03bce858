import Glibc
import Processes

/// Bytes that travel after a script, in pieces, each asked for before it comes.
struct Payload: Sendable {
    enum Origin: Sendable {
        case bytes([UInt8])
        /// A file on this machine.
        case file(String)
    }

    var origin: Origin
    /// How many bytes it has.
    var size: Int

    /// How many bytes a piece has, the last one less.
    static let piece = 1 << 20

    var pieces: Int { (size + Self.piece - 1) / Self.piece }

    /// Nil where the file is not what it was.
    func piece(_ index: Int) async -> [UInt8]? {
        let start = index * Self.piece
        let count = min(Self.piece, size - start)
        switch origin {
        case .bytes(let bytes): return Array(bytes[start..<(start + count)])
        case .file(let path): return await OwnThread.run { Self.read(path, start, count) }
        }
    }

    private static func read(_ path: String, _ start: Int, _ count: Int) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                pread(file, buffer.baseAddress.map { $0 + done }, count - done, off_t(start + done))
            }
            guard got > 0 else { return nil }
            done += got
        }
        return bytes
    }
}
