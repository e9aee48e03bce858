import Glibc

/// Cuts a stream into lines, none of which it keeps more of than `limit` bytes.
struct LineCutter {
    let limit: Int
    private var line: [UInt8] = []
    /// How long the line that has begun is, with what was not kept.
    private var length = 0

    init(limit: Int) { self.limit = limit }

    /// Whether the line that has begun is too long already.
    var isTooLong: Bool { length > limit }

    /// Gives each line that ends in these bytes, without its line break, and how long it was before it was cut.
    mutating func cut(_ bytes: UnsafeRawBufferPointer, _ take: ([UInt8], _ length: Int) -> Void) {
        var rest = bytes[...]
        while let start = rest.baseAddress(in: bytes), let found = memchr(start, 10, rest.count) {
            let count = UnsafeRawPointer(found) - start
            add(rest.prefix(count))
            take(line, length)
            line = []
            length = 0
            rest = rest.dropFirst(count + 1)
        }
        add(rest)
    }

    /// Gives what came after the last line break, if anything did.
    mutating func finish(_ take: ([UInt8], _ length: Int) -> Void) {
        if length > 0 { take(line, length) }
        line = []
        length = 0
    }

    private mutating func add(_ bytes: Slice<UnsafeRawBufferPointer>) {
        length += bytes.count
        line.append(contentsOf: bytes.prefix(limit - line.count))
    }
}

extension Slice<UnsafeRawBufferPointer> {
    /// Where the slice begins; nil where it is empty.
    fileprivate func baseAddress(in whole: UnsafeRawBufferPointer) -> UnsafeRawPointer? {
        isEmpty ? nil : whole.baseAddress.map { $0 + startIndex }
    }
}
