/// One Swift file, and what of it is code.
struct SourceText {
    var path: String
    var lines: [Substring]
    /// The same lines without comments and without what stands in strings.
    var code: [Substring]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        code = String(decoding: SourceText.stripped(Array(text.utf8)), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The room that a file belongs to: each driver is one.
    var room: String {
        let parts = path.split(separator: "/").map(String.init)
        return parts[1] == "Drivers" ? parts[2] : parts[1]
    }

    /// What it imports.
    var imports: Set<String> {
        let lines = code.filter { $0.contains("import ") }
        let pattern = #/^\s*(?:@\w+\s+)*(?:\w+\s+)?import\s+(\w+)/#
        return Set(lines.compactMap { $0.firstMatch(of: pattern).map { String($0.1) } })
    }

    /// The places where a pattern is found, as editors know them.
    func places(of pattern: some RegexComponent) -> [String] {
        code.indices.filter { code[$0].contains(pattern) }.map { "\(path):\($0 + 1): \(lines[$0])" }
    }

    /// Whether a comment stands on a line or right above it.
    func hasReason(at line: Int) -> Bool {
        lines[line].contains("//") || (line > 0 && lines[line - 1].contains(#/^\s*//(?!/)/#))
    }

    private static func stripped(_ text: [UInt8]) -> [UInt8] {
        let quotes = ["#\"\"\"", "#\"", "\"\"\"", "\""].map { Array($0.utf8) }
        var out: [UInt8] = []
        var index = 0
        func starts(_ word: [UInt8]) -> Bool { text[index...].starts(with: word) }
        /// Leaves out everything up to a word, but not the line breaks.
        func skip(past end: [UInt8], escapes: Bool) {
            while index < text.count, !starts(end) {
                if escapes, text[index] == UInt8(ascii: "\\") { index += 1 }
                if index < text.count, text[index] == UInt8(ascii: "\n") { out.append(text[index]) }
                index += 1
            }
            index = min(index + end.count, text.count)
        }
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "/") where starts(Array("//".utf8)):
                while index < text.count, text[index] != UInt8(ascii: "\n") { index += 1 }
            case UInt8(ascii: "/") where starts(Array("/*".utf8)):
                skip(past: Array("*/".utf8), escapes: false)
            case UInt8(ascii: "\""), UInt8(ascii: "#"):
                guard let quote = quotes.first(where: starts) else { fallthrough }
                index += quote.count
                skip(past: quote.reversed(), escapes: quote.first == UInt8(ascii: "\""))
                out += Array("\"\"".utf8)
            default:
                out.append(text[index])
                index += 1
            }
        }
        return out
    }
}
