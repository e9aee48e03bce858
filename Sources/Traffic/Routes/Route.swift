import Model

/// One routing of one workload at its balancer.
struct Route: Sendable {
    let balancer: any Balancer
    let routing: Routing
    let workload: String
    let addresses: [String: String]
    let matching: Matching

    init(
        _ balancers: Balancers, _ routing: Routing, _ workload: String, _ addresses: [String: String]
    ) throws(TrafficError) {
        guard let balancer = try balancers.balancer(for: routing.traffic) else {
            throw TrafficError("`traffic` names no balancer: write `haproxy`, `nginx` or `caddy`")
        }
        let match = try Match(routing.match)
        if match != nil, !balancer.canMatch {
            throw TrafficError(
                "\(balancer.name) is not set up to tell requests apart: `traffic` must say where those of an A/B test go"
            )
        }
        self.balancer = balancer
        matching = match.map { .these($0) } ?? (routing.isWhole ? .nobody : .asIs)
        self.routing = routing.byServerName
        self.workload = workload
        self.addresses = Dictionary(
            addresses.map { (ServerName.of($0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    func wanted(_ seen: SeenServers) throws(TrafficError) -> WantedServers {
        try WantedServers(routing, of: workload, addresses: addresses, seen: seen, heaviest: balancer.heaviest)
    }

    func observation(of seen: SeenServers) -> RouteStatus {
        do throws(TrafficError) {
            let wanted = try wanted(seen)
            var status = RouteStatus(
                seen, wanted, routing, of: workload, differences: differences(from: seen, wanted))
            for place in status.instances.indices {
                status.instances[place].name = ServerName.instance(status.instances[place].name, of: workload)
            }
            return status
        } catch {
            return RouteStatus(unknown: error.description)
        }
    }

    /// What is not as wanted, a sentence each.
    func differences(from seen: SeenServers, _ wanted: WantedServers) -> [String] {
        let told = matching != .asIs && balancer.matcher(matching.match) != (seen.matcher ?? nothing)
        return (told ? ["requests are not told apart as they should be"] : [])
            + wanted.differences(from: seen, of: workload)
    }

    /// What is seen where no request is told apart and nothing says so.
    private var nothing: String? { matching == .nobody ? balancer.matcher(nil) : nil }

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
