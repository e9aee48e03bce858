import Glibc

/// Cuts a stream into lines, none of which it keeps more of than `limit` bytes.
struct LineCutter {
    let limit: Int
    private var line: [UInt8] = []
    private var isWhole = true

    init(limit: Int) { self.limit = limit }

    /// Whether the line that has begun is too long already.
    var isTooLong: Bool { !isWhole }

    /// Gives each line that ends in these bytes, without its line break, and whether that is all of it.
    mutating func cut(_ bytes: UnsafeRawBufferPointer, _ take: ([UInt8], _ isWhole: Bool) -> Void) {
        var rest = bytes[...]
        while let start = rest.baseAddress(in: bytes), let found = memchr(start, 10, rest.count) {
            let length = UnsafeRawPointer(found) - start
            add(rest.prefix(length))
            take(line, isWhole)
            line = []
            isWhole = true
            rest = rest.dropFirst(length + 1)
        }
        add(rest)
    }

    /// Gives what came after the last line break, if anything did.
    mutating func finish(_ take: ([UInt8]) -> Void) {
        if !line.isEmpty { take(line) }
        line = []
    }

    private mutating func add(_ bytes: Slice<UnsafeRawBufferPointer>) {
        let room = limit - line.count
        if bytes.count > room { isWhole = false }
        line.append(contentsOf: bytes.prefix(room))
    }
}

extension Slice<UnsafeRawBufferPointer> {
    /// Where the slice begins; nil where it is empty.
    fileprivate func baseAddress(in whole: UnsafeRawBufferPointer) -> UnsafeRawPointer? {
        isEmpty ? nil : whole.baseAddress.map { $0 + startIndex }
    }
}
