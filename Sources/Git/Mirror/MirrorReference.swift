import Model

/// The mirror's reference that follows one source. Another address, branch or rule has another one, so that a changed
/// setting never shows the old source's revision; a digest cannot clash with another name.
///
/// Of a branch it is the commit. Of tags it names the reference below `refs/followed` of the tag that is followed now:
/// one stays for every tag that ever was, so that a tag that moved is seen whenever it comes up again.
struct MirrorReference: Hashable, Sendable {
    private let digest: String

    init(address: String, following: SourceReference) {
        var parts: [Value] = [.string(address)]
        switch following {
        case .branch(let name): parts.append(.string(name))
        case .tag(let rule):
            parts += [.string("tag"), .string(rule.pattern?.text ?? "*"), .string(rule.range?.text ?? "")]
        }
        digest = Digest(of: .list(parts)).hex
    }

    /// The source's own reference.
    var name: String { "refs/sources/" + digest }

    /// The reference of a tag that is or was followed.
    func followed(_ tag: String) -> String {
        // Of two tags one may be named as a folder of the other, at different times.
        let flat = tag.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%25")
            .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "%2F")
        return prefix + flat
    }

    /// The tag that such a reference belongs to.
    func tag(of followed: String) -> String? {
        guard followed.hasPrefix(prefix) else { return nil }
        let parts = followed.dropFirst(prefix.count).split(separator: "%", omittingEmptySubsequences: false)
        return parts.dropFirst().reduce(String(parts[0])) { $0 + ($1.hasPrefix("2F") ? "/" : "%") + $1.dropFirst(2) }
    }

    private var prefix: String { "refs/followed/\(digest)/" }
}
