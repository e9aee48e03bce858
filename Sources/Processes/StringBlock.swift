/// Strings laid out as C wants an argument list or an environment.
struct StringBlock: Sendable {
    private var bytes: [UInt8] = []
    private var offsets: [Int] = []
    /// Whether some string held a NUL byte, which C would read as its end.
    private(set) var holdsNul = false

    /// Adds one string made of both parts.
    mutating func append(_ text: String, _ more: [UInt8] = []) {
        offsets.append(bytes.count)
        bytes.append(contentsOf: text.utf8)
        bytes.append(contentsOf: more)
        if bytes[(offsets.last ?? 0)...].contains(0) { holdsNul = true }
        bytes.append(0)
    }

    /// Lends the NULL-terminated array of pointers.
    func withPointers<R>(_ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R) -> R? {
        var copy = bytes
        return copy.withUnsafeMutableBytes { buffer in
            var pointers = offsets.map { offset in
                buffer.baseAddress.map { ($0 + offset).assumingMemoryBound(to: CChar.self) }
            }
            pointers.append(nil)
            return pointers.withUnsafeBufferPointer { $0.baseAddress.map(body) }
        }
    }
}
