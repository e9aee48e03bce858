/// A pattern for names: `*` is any text, `?` any character, `[a-z]` one of these and `[!a-z]` one of the others.
package struct NamePattern: Hashable, Sendable {
    /// As it was written.
    package let text: String

    /// Any text is a pattern.
    package init(_ text: String) { self.text = text }

    /// What every name that matches begins with.
    package var head: Substring { text.prefix { !"*?[".contains($0) } }

    /// Whether the whole name matches. The time it takes grows with the product of both lengths at most.
    package func matches(_ name: String) -> Bool {
        let pattern = Array(text.unicodeScalars)
        let name = Array(name.unicodeScalars)
        var (at, here) = (0, 0)
        // Where to go on if what follows the last star turns out not to fit.
        var star: (after: Int, here: Int)?
        while here < name.count {
            if at < pattern.count, pattern[at] == "*" {
                at += 1
                star = (at, here)
            } else if let length = NamePattern.fit(pattern[at...], name[here]) {
                at += length
                here += 1
            } else if let last = star {
                star = (last.after, last.here + 1)
                (at, here) = (last.after, last.here + 1)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == "*" }
    }

    /// How much of the pattern one character takes; nil where it does not fit.
    private static func fit(_ pattern: ArraySlice<Unicode.Scalar>, _ scalar: Unicode.Scalar) -> Int? {
        guard let first = pattern.first else { return nil }
        if first == "?" { return 1 }
        // A bracket right after the opening one is a member, and so is one that is never closed.
        let inside = pattern.dropFirst().first == "!" ? pattern.dropFirst(2) : pattern.dropFirst()
        guard first == "[", let end = inside.dropFirst().firstIndex(of: "]") else { return first == scalar ? 1 : nil }
        let members = Array(inside[..<end])
        var isMember = false
        var index = 0
        while index < members.count {
            if index + 2 < members.count, members[index + 1] == "-" {
                if members[index] <= scalar, scalar <= members[index + 2] { isMember = true }
                index += 3
            } else {
                if members[index] == scalar { isMember = true }
                index += 1
            }
        }
        let isNegated = inside.startIndex != pattern.startIndex + 1
        return isMember != isNegated ? end + 1 - pattern.startIndex : nil
    }
}

extension NamePattern: Codable {
    /// Reads the plain text.
    package init(from decoder: any Decoder) throws { self.init(try String(from: decoder)) }
    /// Writes the plain text.
    package func encode(to encoder: any Encoder) throws { try text.encode(to: encoder) }
}
