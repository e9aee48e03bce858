/// The text of a configuration of somebody else's, in which the lines between two marks are ours:
/// `# BEGIN reconcile NAME` and `# END reconcile NAME`.
struct MarkedText: Sendable {
    private(set) var lines: [Substring]

    init(_ text: String) { lines = text.split(separator: "\n", omittingEmptySubsequences: false) }

    var text: String { lines.joined(separator: "\n") }

    /// The lines between a name's marks, trimmed; nil where the marks are missing.
    func section(_ name: String) -> [String]? {
        range(of: name).map { lines[$0].map(MarkedText.trimmed) }
    }

    /// The lines of the block around a name's marks, from the line with `{` to the one with `}`, without ours.
    func surroundings(_ name: String) -> [String] {
        guard let range = range(of: name) else { return [] }
        let before = lines[..<range.lowerBound].reversed().prefix { !$0.contains("{") }
        let after = lines[range.upperBound...].prefix { !$0.contains("}") }
        return (before.reversed() + after).map(MarkedText.trimmed)
    }

    /// Puts lines between a name's marks, as far to the right as the first mark. False where the marks are missing.
    mutating func replace(_ name: String, _ new: [String]) -> Bool {
        guard let range = range(of: name) else { return false }
        let indentation = lines[range.lowerBound - 1].prefix { $0 == " " || $0 == "\t" }
        lines.replaceSubrange(range, with: new.map { indentation + $0 })
        return true
    }

    private func range(of name: String) -> Range<Int>? {
        guard let begin = lines.firstIndex(where: { MarkedText.trimmed($0) == MarkedText.begin(name) }),
            let end = lines[begin...].firstIndex(where: { MarkedText.trimmed($0) == MarkedText.end(name) })
        else { return nil }
        return begin + 1..<end
    }

    static func begin(_ name: String) -> String { "# BEGIN reconcile \(name)" }
    static func end(_ name: String) -> String { "# END reconcile \(name)" }

    private static func trimmed(_ line: Substring) -> String {
        let front = line.drop { $0.isWhitespace }
        return String(front.reversed().drop { $0.isWhitespace }.reversed())
    }
}
