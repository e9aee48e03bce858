extension Routing {
    /// Which keys of a balancer's block say where requests are shared out, each with what stands for it where it is missing.
    private static let placeKeys: [(balancer: String, keys: [(name: String, fallback: String)])] = [
        ("haproxy", [("socket", ""), ("backend", "")]),
        ("nginx", [("upstream_file", ""), ("upstream", "")]),
        ("caddy", [("admin", "http://127.0.0.1:2019"), ("id", "")]),
    ]

    /// Where a `traffic` block shares requests out: equal for blocks that mean the same servers of the same balancer,
    /// whatever else they say. Null where only the driver itself can shift traffic.
    package static func place(of traffic: Value) -> Value {
        guard let (balancer, keys) = placeKeys.first(where: { traffic[$0.balancer] != .null }) else { return .null }
        let block = traffic[balancer]
        let parts = keys.map { ($0.name, block[$0.name] == .null ? .string($0.fallback) : block[$0.name]) }
        return .map([balancer: .map(Dictionary(parts, uniquingKeysWith: { first, _ in first }))])
    }

    /// The same for people: `haproxy /run/admin.sock web`.
    package static func placeText(of traffic: Value) -> String {
        let place = place(of: traffic)
        guard let (balancer, keys) = placeKeys.first(where: { place[$0.balancer] != .null }) else {
            return "the driver's own command"
        }
        return ([balancer] + keys.compactMap { place[balancer][$0.name].string }.filter { !$0.isEmpty })
            .joined(separator: " ")
    }

    /// Whether it only takes all instances out, at a place that is not asked any more.
    package var isFarewell: Bool { isWhole && sides.isEmpty }
}
