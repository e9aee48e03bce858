import Model

/// One routing of one workload at its balancer.
struct Route: Sendable {
    let balancer: any Balancer
    let routing: Routing
    let workload: String
    let addresses: [String: String]
    let match: Match?

    init(
        _ balancers: Balancers, _ routing: Routing, _ workload: String, _ addresses: [String: String]
    ) throws(TrafficError) {
        guard let balancer = try balancers.balancer(for: routing.traffic) else {
            throw TrafficError("`traffic` names no balancer: write `haproxy`, `nginx` or `caddy`")
        }
        match = try Match(routing.match)
        if match != nil, !balancer.canMatch {
            throw TrafficError(
                "\(balancer.name) is not set up to tell requests apart: `traffic` must say where those of an A/B test go"
            )
        }
        self.balancer = balancer
        self.routing = routing
        self.workload = workload
        self.addresses = addresses
    }

    func wanted(_ seen: SeenServers) throws(TrafficError) -> WantedServers {
        try WantedServers(routing, of: workload, addresses: addresses, seen: seen, heaviest: balancer.heaviest)
    }

    func observation(of seen: SeenServers) -> RouteObservation {
        do throws(TrafficError) {
            return RouteObservation(seen, try wanted(seen), routing, of: workload)
        } catch {
            return RouteObservation(unknown: error.description)
        }
    }

    /// Whether it takes an instance out, which may already be out of what can be seen while it still answers.
    var sendsAway: Bool { !routing.isWhole && routing.sides.contains { $0.weight == 0 && !$0.members.isEmpty } }

    /// Sides that are to get requests and have no server that the balancer would send one to.
    func unserved(_ seen: SeenServers, _ wanted: WantedServers) -> [String] {
        routing.sides.compactMap { side in
            let names = Set(side.members.map(\.instance))
            let theirs = wanted.servers.filter { names.contains($0.name) && $0.weight > 0 }
            guard !theirs.isEmpty, !seen.servers.contains(where: { names.contains($0.name) && $0.state == .ready })
            else {
                return nil
            }
            return "none of the \(side.name.rawValue) side's servers passes the balancer's own check"
        }
    }
}
