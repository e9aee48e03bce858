import CLibGit2
import Model

/// What a source follows at one instant: a reference of the repository and what it names.
struct Tip {
    /// The whole name: `refs/heads/main`, `refs/tags/v1.4.2`.
    let name: String
    /// A commit's id, or that of a tag's own object.
    let id: git_oid

    /// Of a reference to a tag, the tag's name.
    var tag: String? { name.hasPrefix("refs/tags/") ? String(name.dropFirst(10)) : nil }

    /// What a remote has of what is followed. `last` is the tag that was followed before.
    static func find(
        _ following: SourceReference, last: String?, in remote: some Remote, errors: FetchErrors
    ) throws(SourceError) -> Tip {
        switch following {
        case .branch(let branch):
            let name = "refs/heads/" + branch
            guard let id = try remote.id(of: name) else {
                throw errors.branchMissing(branch, among: try remote.names())
            }
            return Tip(name: name, id: id)
        case .tag(let rule):
            let tags = try remote.names().compactMap { $0.hasPrefix("refs/tags/") ? String($0.dropFirst(10)) : nil }
            guard let tag = rule.newest(of: tags), let id = try remote.id(of: "refs/tags/" + tag) else {
                throw errors.tagMissing(rule, among: tags)
            }
            // Nobody means to go back to an older release by removing a newer one's tag.
            if let last, last != tag, !tags.contains(last), rule.newest(of: [last, tag]) == last {
                throw errors.tagGone(last, next: tag)
            }
            return Tip(name: "refs/tags/" + tag, id: id)
        }
    }
}
