import Model

/// What may be written into a balancer's commands and configuration without quotes.
enum Words {
    static func isAlphanumeric(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber)
    }

    /// A name of a backend, an upstream or an object.
    static func isName(_ text: String) -> Bool {
        guard let first = text.first, text.utf8.count <= 100 else { return false }
        return isAlphanumeric(first) && text.allSatisfy { isAlphanumeric($0) || "_-.".contains($0) }
    }

    /// Options of a server, several words with spaces between them.
    static func areOptions(_ text: String) -> Bool {
        text.utf8.count <= 1000 && text.allSatisfy { isAlphanumeric($0) || " _-.:/=,".contains($0) }
    }

    /// `HOST:PORT`, `ADDRESS:PORT` or `[ADDRESS]:PORT`.
    static func isAddress(_ text: String) -> Bool {
        guard let host = HostPort(text)?.host, text.utf8.count <= 300 else { return false }
        return !host.hasPrefix("-") && host.allSatisfy { isAlphanumeric($0) || ".-_:%".contains($0) }
    }

    /// The first word of what a balancer said, or all of it where it is short.
    static func shown(_ text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.drop { $0.isWhitespace } }.filter { !$0.isEmpty }
        return VisibleText.line(lines.prefix(4).joined(separator: " "), limit: 300)
    }
}
