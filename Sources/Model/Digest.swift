import Crypto

/// SHA-256 over a canonical form, as 64 lower-case hex digits.
package struct Digest: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The 64 hex digits. What a driver saw may be any text: then it equals no digest of ours.
    package let hex: String

    /// Takes a digest that was computed before.
    package init(hex: String) { self.hex = hex }

    /// Hashes the canonical form of a value.
    package init(of value: Value) { self.init(ofText: value.canonical) }

    /// Hashes text as UTF-8.
    package init(ofText text: String) {
        let table = Array("0123456789abcdef".utf8)
        var digits: [UInt8] = []
        digits.reserveCapacity(64)
        for byte in SHA256.hash(data: Array(text.utf8)) {
            digits.append(table[Int(byte >> 4)])
            digits.append(table[Int(byte & 15)])
        }
        hex = String(decoding: digits, as: UTF8.self)
    }

    /// Reads the plain string.
    package init(from decoder: any Decoder) throws { hex = try decoder.singleValueContainer().decode(String.self) }

    /// Writes the plain string.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }

    /// The first twelve digits, for people.
    package var short: String { String(hex.prefix(12)) }
    /// All digits.
    package var description: String { hex }
}
