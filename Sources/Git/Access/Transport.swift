/// What speaks to a server.
package enum Transport: String, Hashable, Sendable, Codable, CaseIterable {
    /// The library where it can, the git command where it cannot.
    case auto
    /// The library and nothing else.
    case libgit2
    /// The git command and nothing else.
    case git
}
