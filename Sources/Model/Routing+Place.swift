extension Routing {
    /// Where a `traffic` block shares requests out: equal for blocks that mean the same servers of the same balancer,
    /// whatever else they say. Null where only the driver itself can shift traffic.
    package static func place(of traffic: Value) -> Value {
        guard let keys = BalancerKeys.all.first(where: { traffic[$0.balancer] != .null }) else { return .null }
        let block = traffic[keys.balancer]
        return .map([keys.balancer: .map([keys.owner: .string(keys.owner(in: block)), keys.place: block[keys.place]])])
    }

    /// The same for people: `haproxy /run/admin.sock web`.
    package static func placeText(of traffic: Value) -> String {
        guard let keys = BalancerKeys.all.first(where: { traffic[$0.balancer] != .null }) else {
            return "the driver's own command"
        }
        let block = traffic[keys.balancer]
        return [keys.balancer, keys.owner(in: block), block[keys.place].string ?? ""].filter { !$0.isEmpty }
            .joined(separator: " ")
    }

    /// Whether it only takes all instances out, at a place that is not asked any more.
    package var isFarewell: Bool { isWhole && sides.isEmpty }
}
