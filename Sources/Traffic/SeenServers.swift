/// All that a balancer says of its servers.
package struct SeenServers: Hashable, Sendable {
    /// Every server, ours and others'.
    package var servers: [SeenServer]
    /// Why what is written may not be what the running balancer does; nil where that is the same thing.
    package var isStale: String?
    /// Which requests are told apart, in the balancer's own words; nil where that cannot be seen.
    package var matcher: String?

    /// All parts.
    package init(_ servers: [SeenServer], isStale: String? = nil, matcher: String? = nil) {
        self.servers = servers
        self.isStale = isStale
        self.matcher = matcher
    }
}
