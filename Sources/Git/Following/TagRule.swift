import CLibGit2
import Model

/// Which tags a source follows, and which of them is the newest.
package struct TagRule: Hashable, Sendable, Codable {
    /// What the name must match; nil where any does.
    package var pattern: NamePattern?
    /// What the name, read as a version, must be in; nil where it need not be a version.
    package var range: VersionRange?

    /// Both parts; one that is nil leaves every tag in.
    package init(pattern: NamePattern? = nil, range: VersionRange? = nil) {
        self.pattern = pattern
        self.range = range
    }

    /// For messages: `v*`, `^1.2`, `app-* in ^1.2`.
    package var shown: String {
        [pattern?.text, range?.text].compactMap { $0.map { VisibleText.line($0, limit: 200) } }
            .joined(separator: " in ")
    }

    /// Names of more bytes are passed over: the mirror could not keep them.
    static let longest = 200

    /// The newest of these names that match: the highest version, or, where none is a version, the last by plain text.
    /// Of names with the same version the last by plain text.
    func newest(of names: some Sequence<String>) -> String? {
        var newest: (name: String, version: SemanticVersion?)?
        for name in names where name.utf8.count <= TagRule.longest && TagRule.isName(name) {
            if let pattern, !pattern.matches(name) { continue }
            let version = version(of: name)
            if let range {
                guard let version, range.contains(version) else { continue }
            }
            if let best = newest, !TagRule.precedes(best, (name, version)) { continue }
            newest = (name, version)
        }
        return newest?.name
    }

    /// The version that a name says, as a whole or after what the pattern begins with: `1.2.3` of `app-1.2.3` for `app-*`.
    private func version(of name: String) -> SemanticVersion? {
        if let version = SemanticVersion(name) { return version }
        guard let head = pattern?.head, !head.isEmpty, name.hasPrefix(head) else { return nil }
        return SemanticVersion(name.dropFirst(head.count))
    }

    private static func precedes(
        _ one: (name: String, version: SemanticVersion?), _ other: (name: String, version: SemanticVersion?)
    ) -> Bool {
        switch (one.version, other.version) {
        case (nil, .some): return true
        case (.some, nil): return false
        case (let left?, let right?) where left != right: return left < right
        default: return one.name.utf8.lexicographicallyPrecedes(other.name.utf8)
        }
    }

    private static func isName(_ name: String) -> Bool {
        var isValid: Int32 = 0
        LibGit.start()
        return git_reference_name_is_valid(&isValid, "refs/tags/" + name) == 0 && isValid == 1
    }
}
