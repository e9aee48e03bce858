/// Text for a POSIX shell. What is written out in our own source is code; every value that is put in is quoted and stays
/// a value, whatever it holds.
struct ShellCode: Sendable, ExpressibleByStringInterpolation {
    private(set) var bytes: [UInt8] = []
    /// Whether a value held a NUL byte, which no shell can carry. Such code must not be sent.
    private(set) var holdsNUL = false

    init() {}

    init(stringLiteral value: String) { bytes = Array(value.utf8) }

    init(stringInterpolation parts: Parts) {
        bytes = parts.bytes
        holdsNUL = parts.holdsNUL
    }

    struct Parts: StringInterpolationProtocol {
        var bytes: [UInt8] = []
        var holdsNUL = false

        init(literalCapacity: Int, interpolationCount: Int) { bytes.reserveCapacity(literalCapacity) }

        mutating func appendLiteral(_ literal: String) { bytes += literal.utf8 }

        /// A word of any text.
        mutating func appendInterpolation(_ text: String) { quote(text.utf8) }

        /// A word of any bytes.
        mutating func appendInterpolation(_ value: [UInt8]) { quote(value) }

        mutating func appendInterpolation(_ number: Int) { bytes += String(number).utf8 }

        /// A word each.
        mutating func appendInterpolation(all texts: some Sequence<String>) {
            for (index, text) in texts.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: " ")) }
                quote(text.utf8)
            }
        }

        /// Code that was made the same way.
        mutating func appendInterpolation(code: ShellCode) {
            bytes += code.bytes
            if code.holdsNUL { holdsNUL = true }
        }

        /// In single quotes everything stands for itself but the quote, which is put between two quoted parts.
        private mutating func quote(_ value: some Sequence<UInt8>) {
            bytes.append(UInt8(ascii: "'"))
            for byte in value {
                if byte == 0 { holdsNUL = true }
                if byte == UInt8(ascii: "'") { bytes += "'\\'".utf8 }
                bytes.append(byte)
            }
            bytes.append(UInt8(ascii: "'"))
        }
    }

    /// Adds a line.
    mutating func line(_ code: ShellCode) {
        bytes += code.bytes
        bytes.append(10)
        if code.holdsNUL { holdsNUL = true }
    }
}
