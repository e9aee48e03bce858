/// One end of a range of versions.
struct VersionBound: Hashable, Sendable {
    enum Side { case above, atLeast, atMost, below }

    var side: Side
    var version: SemanticVersion
    /// Whether the range's text named a pre-release here.
    var namesPrerelease = false

    func allows(_ other: SemanticVersion) -> Bool {
        switch side {
        case .above: other > version
        case .atLeast: other >= version
        case .atMost: other <= version
        // 2.0.0-rc.1 comes before 2.0.0, but whoever wants less than 2.0.0 does not mean it.
        case .below: other < (namesPrerelease ? version : version.beginning)
        }
    }

    /// Reads one comparison, such as `>=1.2`, from the front of a text.
    static func read(_ rest: inout Substring.UTF8View) throws(VersionRangeError) -> [VersionBound] {
        let sign = rest.prefix { "<>=^~".utf8.contains($0) }
        rest = rest.dropFirst(sign.count).drop { $0 == UInt8(ascii: " ") }
        let word = rest.prefix { !isSpace($0) && !"<>=^~".utf8.contains($0) }
        rest = rest.dropFirst(word.count)
        let shown = VisibleText.line(String(Substring(sign)) + String(Substring(word)), limit: 60)
        guard let partial = PartialVersion(Substring(word)) else {
            throw VersionRangeError(
                "`\(shown)` is no version; "
                    + "write 1.2.3, 1.2 or 1.x after an optional >=, >, <, <=, =, ^ or ~")
        }
        switch String(Substring(sign)) {
        case "", "=": return between(partial, partial.next)
        case ">=": return [partial.floor(.atLeast)]
        case "<": return [partial.floor(.below)]
        case ">":
            if let next = partial.next { return [VersionBound(side: .atLeast, version: next)] }
            guard partial.isWhole else { throw VersionRangeError("no version is `\(shown)`") }
            return [partial.floor(.above)]
        case "<=":
            if let next = partial.next { return [VersionBound(side: .below, version: next)] }
            return partial.isWhole ? [partial.floor(.atMost)] : []
        case "^": return between(partial, partial.nextBreaking)
        case "~": return between(partial, partial.nextMinor)
        default: throw VersionRangeError("`\(shown)` begins with no comparison; there are >=, >, <, <=, =, ^ and ~")
        }
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == UInt8(ascii: ",") }

    private static func between(_ low: PartialVersion, _ high: SemanticVersion?) -> [VersionBound] {
        if let high { return [low.floor(.atLeast), VersionBound(side: .below, version: high)] }
        return low.isWhole ? [low.floor(.atLeast), low.floor(.atMost)] : [low.floor(.atLeast)]
    }
}
