/// Reads the numbers and strings of ssh's formats: keys, host keys and the agent's answers. Nil past the end.
struct SSHWire {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: some Sequence<UInt8>) { rest = ArraySlice(Array(bytes)) }

    mutating func number() -> Int? {
        guard rest.count >= 4 else { return nil }
        defer { rest = rest.dropFirst(4) }
        return rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }

    mutating func bytes() -> ArraySlice<UInt8>? {
        guard let count = number(), count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func text() -> String? { bytes().map { String(decoding: $0, as: UTF8.self) } }

    /// The type that a public key begins with, such as `ssh-ed25519`.
    static func type(ofKey blob: some Sequence<UInt8>) -> String? {
        var wire = SSHWire(blob)
        return wire.text()
    }
}
