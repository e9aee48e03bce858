/// What sends requests to instances. Every act is whole, may be repeated, and leaves servers alone that it was not told
/// of. Servers are known by the names of instances.
package protocol Balancer: Sendable {
    /// Which balancer it is, for people: `HAProxy at /run/haproxy/admin.sock, backend web`.
    var name: String { get }

    /// Two balancers with the same key change the same thing, so they take turns.
    func key() async -> String

    /// The largest weight that a server may have.
    var heaviest: Int { get }

    /// Whether requests can be told apart by a header or a cookie.
    var canMatch: Bool { get }

    /// What the balancer itself says.
    func observe() async throws(TrafficError) -> SeenServers

    /// Brings these servers to these weights, and keeps new requests from those that leave. What comes gets nothing before
    /// its weight is set.
    func apply(_ servers: [BalancedServer], leaving: [SeenServer], _ matching: Matching) async throws(TrafficError)

    /// How `SeenServers.matcher` reads where these requests are told apart; nil where that cannot be seen.
    func matcher(_ match: Match?) -> String?

    /// How many requests those that leave still answer; nil where the balancer cannot say.
    func sessions(of leaving: [SeenServer]) async throws(TrafficError) -> Int?

    /// Takes away those that left.
    func remove(_ leaving: [SeenServer]) async throws(TrafficError)
}
