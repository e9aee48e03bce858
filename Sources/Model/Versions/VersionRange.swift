/// Which versions are wanted: `>=1.2.0 <2.0.0`, `^1.2`, `~1.2.3`, `1.x`, `1.2.3 || ^2.0`. A space or a comma means and.
/// A pre-release is wanted only by a range that names one, such as `>=1.2.0-0`, and never as what comes before the
/// version that a range ends below.
package struct VersionRange: Hashable, Sendable {
    /// As it was written.
    package let text: String
    /// A version must be within all bounds of one of these.
    private let alternatives: [[VersionBound]]

    /// Throws a sentence that says which part cannot be read.
    package init(_ text: String) throws(VersionRangeError) {
        guard text.utf8.count <= 500 else { throw VersionRangeError("a range has at most 500 characters") }
        self.text = text
        var alternatives: [[VersionBound]] = []
        for part in VersionRange.split(text) {
            var bounds: [VersionBound] = []
            var rest = part.utf8.drop { VersionBound.isSpace($0) }
            guard !rest.isEmpty else { throw VersionRangeError("there is nothing beside a ||, or nothing at all") }
            while !rest.isEmpty {
                bounds += try VersionBound.read(&rest)
                rest = rest.drop { VersionBound.isSpace($0) }
            }
            alternatives.append(bounds)
        }
        self.alternatives = alternatives
    }

    /// Whether a version is wanted.
    package func contains(_ version: SemanticVersion) -> Bool {
        alternatives.contains { bounds in
            (version.isRelease || bounds.contains { $0.namesPrerelease }) && bounds.allSatisfy { $0.allows(version) }
        }
    }

    private static func split(_ text: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = text[...]
        while let bar = rest.firstRange(of: "||") {
            parts.append(rest[..<bar.lowerBound])
            rest = rest[bar.upperBound...]
        }
        return parts + [rest]
    }
}

extension VersionRange: Codable {
    /// Reads the plain text.
    package init(from decoder: any Decoder) throws { self = try VersionRange(String(from: decoder)) }
    /// Writes the plain text.
    package func encode(to encoder: any Encoder) throws { try text.encode(to: encoder) }
}
