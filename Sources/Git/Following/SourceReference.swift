import Model

/// What of a repository a source follows.
package enum SourceReference: Hashable, Sendable, Codable {
    /// A branch, by its name without `refs/heads/`.
    case branch(String)
    /// The newest of the tags that match.
    case tag(TagRule)

    /// For messages: `main`, `tag v*`.
    package var shown: String {
        switch self {
        case .branch(let name): VisibleText.line(name, limit: 200)
        case .tag(let rule): "tag \(rule.shown)"
        }
    }
}
