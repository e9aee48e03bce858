/// What is kept of a stream of any length: all of a short one, the beginning and the end of a long one.
///
/// `margin` more bytes than are shown are kept at each edge, so that a secret that crosses an edge is still seen whole.
package struct Capture: Sendable {
    /// How many bytes are shown at most.
    let limit: Int
    private let margin: Int
    private var head: [UInt8] = []
    private var tail: [UInt8] = []
    private var total = 0

    /// Both in bytes; no margin is needed where what comes is redacted already.
    package init(limit: Int, margin: Int) {
        self.limit = max(0, limit)
        self.margin = margin
    }

    /// Whether more came than is kept.
    var isCut: Bool { total > limit }

    /// Takes what came next.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        total += bytes.count
        let room = limit + margin - head.count
        head.append(contentsOf: bytes.prefix(room))
        guard bytes.count > room else { return }
        tail.append(contentsOf: bytes.dropFirst(room).suffix(edge + margin))
        if tail.count > 4 * (edge + margin) { tail.removeFirst(tail.count - edge - margin) }
    }

    /// The kept bytes, redacted, at most `limit`. `endsWhole` is false where the writer may have been stopped in the
    /// middle of a word.
    package func redacted(by redactor: Redactor, endsWhole: Bool) -> [UInt8] {
        guard isCut else { return Array(redactor.redact(head, endsWhole: endsWhole).prefix(limit)) }
        guard edge > 0 else {
            return Array(redactor.redact(head, showing: 0..<limit, endsWhole: endsWhole).prefix(limit))
        }
        let end = (head + tail).suffix(edge + margin)
        let first = redactor.redact(head, showing: 0..<edge, endsWhole: endsWhole).prefix(edge)
        let last = redactor.redact(Array(end), showing: (end.count - edge)..<end.count, endsWhole: endsWhole)
        return first + Array("\n[… \(total - 2 * edge) bytes left out …]\n".utf8) + last.suffix(edge)
    }

    /// How much of each end of a long stream is shown; none of its end where there is no room for two ends.
    private var edge: Int { max(0, limit - 64) / 2 }
}
