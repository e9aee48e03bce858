/// A file of host keys, so far as it has to be understood to give each host its own part.
package struct KnownHostsText: Sendable {
    private struct Line {
        var text: Substring
        /// Plain names only; nil where anything else is among them.
        var names: [String]?
    }

    private let lines: [Line]

    /// Reads the text of a `known_hosts` file; what is not understood is kept as it stands.
    package init(_ text: String) {
        lines = text.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard let first = words.first, !first.hasPrefix("#") else { return nil }
            let isPlain = !first.contains { "*?!|@".contains($0) }
            return Line(text: line, names: isPlain ? first.split(separator: ",").map(Self.bare) : nil)
        }
    }

    /// The part that a host may need: without the lines that name nothing but `others`, addresses of other hosts. It stays
    /// small however many hosts a file knows, and it changes only when something about the host does.
    package func part(for address: String, others: Set<String>) -> String {
        lines.filter { line in
            guard let names = line.names else { return true }
            return names.contains(address) || !names.allSatisfy(others.contains)
        }.map { $0.text + "\n" }.joined()
    }

    /// The lines that name one of these hosts plainly.
    package func lines(about hosts: Set<String>) -> [Substring] {
        lines.filter { line in line.names?.contains(where: hosts.contains) ?? false }.map(\.text)
    }

    /// `[host]:2222` is `host`.
    private static func bare(_ name: Substring) -> String {
        guard name.hasPrefix("["), let end = name.firstIndex(of: "]") else { return String(name) }
        return String(name[name.index(after: name.startIndex)..<end])
    }
}
