import CLibGit2

/// Reads a pack as it comes in, and refuses one that says or turns out to be larger than allowed. The library itself has
/// no limits: it makes room for whatever size a delta claims to result in.
final class PackInspector {
    private enum State {
        /// Of the pack: its sign, version and number of objects.
        case beginning
        /// Of an object: its kind and size.
        case header
        /// Of a delta: how far back its base is.
        case distance
        /// Of a delta: its base's id, of which so many bytes are missing.
        case base(Int)
        case content
        case trailer
    }

    private let limits: ReceiveLimits
    private var state = State.beginning
    private var head: [UInt8] = []
    private var received = 0
    private var objectsLeft = 0
    private var inflated = 0
    /// Of the object that is being read: what its header says, and what has come of it.
    private var isDelta = false
    private var size = 0
    private var come = 0
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)

    init(_ limits: ReceiveLimits) {
        self.limits = limits
        stream.initialize(to: z_stream())
        inflateInit_(stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        scratch.deallocate()
    }

    /// Takes the next bytes of the pack.
    func take(_ bytes: UnsafeRawBufferPointer) throws(PackRefusal) {
        received += bytes.count
        guard received <= limits.received else {
            throw .tooLarge("more than the \(Bytes.text(limits.received)) that one fetch may bring")
        }
        var rest = bytes
        while !rest.isEmpty {
            switch state {
            case .content: rest = try content(rest)
            case .trailer: return
            default:
                try take(rest[0])
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst())
            }
        }
    }

    private func take(_ byte: UInt8) throws(PackRefusal) {
        switch state {
        case .beginning:
            head.append(byte)
            if head.count == 12 { try begin() }
        case .header:
            head.append(byte)
            guard head.count <= 9 else { throw .tooLarge("an object of more than \(Bytes.text(1 << 60))") }
            if byte & 0x80 == 0 { try beginObject() }
        case .distance: if byte & 0x80 == 0 { state = .content }
        case .base(let missing): state = missing > 1 ? .base(missing - 1) : .content
        case .content, .trailer: break
        }
    }

    private func begin() throws(PackRefusal) {
        guard head.starts(with: [0x50, 0x41, 0x43, 0x4B, 0, 0, 0]), [2, 3].contains(head[7]) else {
            throw .damaged("it does not begin as a pack does")
        }
        objectsLeft = head[8...].reduce(0) { $0 << 8 | Int($1) }
        guard objectsLeft <= limits.objects else {
            throw .tooLarge("\(objectsLeft) objects, more than the \(limits.objects) that one fetch may bring")
        }
        next()
    }

    private func next() {
        head = []
        state = objectsLeft == 0 ? .trailer : .header
    }

    private func beginObject() throws(PackRefusal) {
        size = Int(head[0] & 0x0F)
        for (index, byte) in head.dropFirst().enumerated() { size |= Int(byte & 0x7F) << (4 + 7 * index) }
        let kind = head[0] >> 4 & 7
        isDelta = kind == 6 || kind == 7
        head = []
        come = 0
        switch kind {
        case 1...4: state = .content
        case 6: state = .distance
        case 7: state = .base(20)
        default: throw .damaged("it holds an object of no known kind")
        }
        try check(size)
        if !isDelta { try count(size) }
        inflateReset(stream)
    }

    /// Inflates what there is of an object; gives what comes after its end.
    private func content(_ bytes: UnsafeRawBufferPointer) throws(PackRefusal) -> UnsafeRawBufferPointer {
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(bytes.count)
        while true {
            stream.pointee.next_out = scratch.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(scratch.count)
            let result = inflate(stream, Z_NO_FLUSH)
            guard [Z_OK, Z_STREAM_END, Z_BUF_ERROR].contains(result) else {
                throw .damaged("an object cannot be inflated")
            }
            let count = scratch.count - Int(stream.pointee.avail_out)
            if isDelta, size - come > 0, head.count < 20 { try readResult(UnsafeRawBufferPointer(scratch)[..<count]) }
            come += count
            guard come <= size else { throw .damaged("an object is larger than it says") }
            if result == Z_STREAM_END {
                guard come == size else { throw .damaged("an object is smaller than it says") }
                let left = Int(stream.pointee.avail_in)
                objectsLeft -= 1
                next()
                return UnsafeRawBufferPointer(rebasing: bytes.suffix(left))
            }
            if stream.pointee.avail_in == 0, count < scratch.count {
                return UnsafeRawBufferPointer(rebasing: bytes.suffix(0))
            }
            if count == 0 { throw .damaged("an object cannot be inflated") }
        }
    }

    /// A delta begins with the sizes of its base and of its result, in groups of seven bits.
    private func readResult(_ bytes: Slice<UnsafeRawBufferPointer>) throws(PackRefusal) {
        let had = head.count
        head.append(contentsOf: bytes.prefix(20 - had))
        func ends(_ bytes: [UInt8]) -> [Int] { bytes.indices.filter { bytes[$0] & 0x80 == 0 } }
        let now = ends(head)
        guard now.count >= 2, ends(Array(head.prefix(had))).count < 2 else { return }
        let digits = head[(now[0] + 1)...now[1]]
        guard digits.count <= 8 else { throw .tooLarge("an object of more than \(Bytes.text(1 << 56))") }
        let result = digits.reversed().reduce(0) { $0 << 7 | Int($1 & 0x7F) }
        try check(result)
        try count(result)
        // What follows is of no interest.
        head = [UInt8](repeating: 0, count: 20)
    }

    private func check(_ size: Int) throws(PackRefusal) {
        guard size <= limits.object else {
            throw .tooLarge(
                "an object of \(Bytes.text(size)), more than the \(Bytes.text(limits.object)) that one may have")
        }
    }

    private func count(_ size: Int) throws(PackRefusal) {
        inflated += size
        guard inflated <= limits.inflated else {
            throw .tooLarge(
                "objects of more than \(Bytes.text(limits.inflated)) together, which is what one fetch may bring")
        }
    }
}
