import Model

/// Who is to be behind a balancer, worked out from what is wanted and what is there.
struct WantedServers: Sendable {
    /// Those that stay or come. Servers of ours that are in neither list are left as they are.
    var servers: [BalancedServer] = []
    /// Those of ours that are there and go.
    var leaving: [SeenServer] = []

    /// How far a share may be off before it is another one, in parts per 10,000.
    private static let tolerance = 20

    /// A whole routing decides about every server of the workload, another one about those that it names.
    init(
        _ routing: Routing, of workload: String, addresses: [String: String], seen: SeenServers, heaviest: Int
    ) throws(TrafficError) {
        let ours = seen.servers.filter { ServerName.isInstance($0.name, of: workload) }
        if routing.isWhole {
            try addWhole(routing, addresses)
            leaving = ours.filter { server in
                server.state != .out && !servers.contains { $0.name == server.name && $0.group == server.group }
            }
        } else {
            try addPatch(routing, addresses, ours)
        }
        for group in ServerGroup.allCases { weigh(group, heaviest) }
    }

    private mutating func addWhole(_ routing: Routing, _ addresses: [String: String]) throws(TrafficError) {
        for side in routing.sides {
            let isApart = routing.match != .null && side.name == .new
            let percent = isApart ? 100 : max(0, side.weight)
            for member in side.members {
                servers.append(
                    try WantedServers.server(
                        member, isApart ? .matching : .everyone, share: percent * 100 / side.members.count, addresses))
            }
        }
    }

    private mutating func addPatch(
        _ routing: Routing, _ addresses: [String: String], _ ours: [SeenServer]
    ) throws(TrafficError) {
        let named = Set(routing.sides.flatMap(\.members).map(\.instance))
        let shares = WantedServers.shares(of: ours)
        let others = zip(ours, shares).filter { $0.0.takesPart && !named.contains($0.0.name) }
        // They are written again, so what somebody else set there must not mean more than an address.
        for (server, _) in others where !Words.isAddress(server.address) {
            throw TrafficError(
                "\(server.name) is at '\(VisibleText.line(server.address, limit: 80))' at the balancer, which is no "
                    + "HOST:PORT: correct it there")
        }
        servers = others.map { server, share in
            BalancedServer(name: server.name, address: server.address, group: server.group, share: share, weight: 0)
        }
        for side in routing.sides {
            for member in side.members {
                let there = ours.filter { $0.name == member.instance }
                guard side.weight > 0 else {
                    leaving += there.filter { $0.state != .out }
                    continue
                }
                let group = there.first { $0.state != .out }?.group ?? .everyone
                let beside = others.filter { $0.0.group == group }.map(\.1)
                let average = beside.isEmpty ? 100 : max(1, beside.reduce(0, +) / beside.count)
                servers.append(try WantedServers.server(member, group, share: average, addresses))
            }
        }
    }

    private static func server(
        _ member: Routing.Member, _ group: ServerGroup, share: Int, _ addresses: [String: String]
    ) throws(TrafficError) -> BalancedServer {
        guard let address = addresses[member.instance] else {
            throw TrafficError(
                "\(member.instance) has no address that requests could be sent to: it must publish a port, or `traffic` "
                    + "must list `addresses`")
        }
        guard Words.isAddress(address) else {
            throw TrafficError(
                "\(member.instance) is at '\(VisibleText.line(address, limit: 80))', which is no HOST:PORT")
        }
        return BalancedServer(name: member.instance, address: address, group: group, share: share, weight: 0)
    }

    /// Gives a group's servers their weights, and the shares that those mean.
    private mutating func weigh(_ group: ServerGroup, _ heaviest: Int) {
        let places = servers.indices.filter { servers[$0].group == group }
        let weights = Weights.fitting(places.map { servers[$0].share }, most: heaviest)
        for (place, (weight, share)) in zip(places, zip(weights, Weights.shares(of: weights))) {
            servers[place].weight = weight
            servers[place].share = share
        }
    }

    /// What each of these gets of its group's requests, in parts per 10,000.
    static func shares(of seen: [SeenServer]) -> [Int] {
        let totals = seen.filter(\.takesPart).reduce(into: [ServerGroup: Int]()) {
            $0[$1.group, default: 0] += $1.weight
        }
        return seen.map { server in
            guard server.takesPart, let total = totals[server.group], total > 0 else { return 0 }
            return (2 * server.weight * 10_000 + total) / (2 * total)
        }
    }

    /// What is not as wanted, a sentence each.
    func differences(from seen: SeenServers, of workload: String) -> [String] {
        let ours = seen.servers.filter { ServerName.isInstance($0.name, of: workload) }
        let shares = WantedServers.shares(of: ours)
        var found = seen.isStale.map { [$0] } ?? []
        for server in servers {
            let place = ours.firstIndex { $0.name == server.name && $0.group == server.group }
            let share = place.map { shares[$0] } ?? 0
            if abs(share - server.share) > WantedServers.tolerance {
                found.append(
                    "\(server.name) gets \(Percent.text(share)) of the requests instead of \(Percent.text(server.share))"
                )
            } else if server.weight > 0, let place, ours[place].address != server.address {
                found.append(
                    "\(server.name)'s requests go to \(VisibleText.line(ours[place].address, limit: 80)), "
                        + "and it is at \(server.address)")
            } else if server.weight == 0, let place, ours[place].state == .draining {
                found.append("\(server.name) is on its way out instead of waiting for requests")
            }
        }
        for server in leaving
        where ours.contains(where: { $0.name == server.name && $0.group == server.group && $0.takesPart }) {
            found.append("\(server.name) still gets requests")
        }
        return found
    }
}
