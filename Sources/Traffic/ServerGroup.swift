/// Which requests a server is for.
package enum ServerGroup: String, Hashable, Sendable, CaseIterable {
    /// Those that nothing sets apart.
    case everyone
    /// Those that carry the header or the cookie of an A/B test.
    case matching
}
