import Model

/// What a balancer does with a workload's requests, beside what was wanted.
package struct RouteStatus: Hashable, Sendable {
    /// One server of the workload.
    package struct Instance: Hashable, Sendable {
        /// The instance's name.
        package var name: String
        /// Which requests it is for.
        package var group: ServerGroup
        /// Where its requests go; nil where it is not there.
        package var address: String?
        /// What it is to get of its group's requests, in parts per 10,000; 0 for one that is to leave.
        package var wanted: Int
        /// What it gets by what the balancer says, in parts per 10,000; nil where it is not there.
        package var seen: Int?
        /// Whether requests go there; nil where it is not there.
        package var state: SeenServer.State?
        /// How many requests it answers just now; nil where the balancer cannot say.
        package var sessions: Int?
    }

    /// What one side gets.
    package struct Side: Hashable, Sendable {
        /// Which version it is.
        package var name: Routing.Side.Name
        /// What it is to get of all requests, in parts per 10,000; those of an A/B test count apart.
        package var wanted: Int
        /// What it gets, in parts per 10,000.
        package var seen: Int
    }

    /// Every server of the workload, and every one that is wanted, by name.
    package var instances: [Instance]
    /// Both sides, where the routing named them.
    package var sides: [Side]
    /// Why it cannot be said what the balancer does; then the rest is what was last written, or nothing.
    package var unknown: String?
    /// What is not as wanted, a sentence each.
    package var differences: [String]
    /// Servers of the same backend that are not ours. They are never touched, and shares are those among ours.
    package var foreign: [String]

    /// Nothing could be seen.
    init(unknown reason: String) {
        (instances, sides, differences, foreign) = ([], [], [], [])
        unknown = reason
    }

    /// What was seen, beside what is wanted.
    init(
        _ seen: SeenServers, _ wanted: WantedServers, _ routing: Routing, of workload: String,
        differences: [String]
    ) {
        let ours = seen.servers.filter { ServerName.isInstance($0.name, of: workload) }
        let shares = WantedServers.shares(of: ours)
        var instances = zip(ours, shares).map { server, share in
            Instance(
                name: server.name, group: server.group, address: server.address,
                wanted: wanted.servers.first { $0.name == server.name && $0.group == server.group }?.share ?? 0,
                seen: share, state: server.state, sessions: server.sessions)
        }
        for server in wanted.servers
        where !ours.contains(where: { $0.name == server.name && $0.group == server.group }) {
            instances.append(Instance(name: server.name, group: server.group, wanted: server.share))
        }
        self.instances = instances.sorted { ($0.name.count, $0.name) < ($1.name.count, $1.name) }
        sides = routing.sides.map { side in
            let members = Set(side.members.map(\.instance))
            let parts = instances.filter { members.contains($0.name) }
            return Side(
                name: side.name, wanted: parts.reduce(0) { $0 + $1.wanted },
                seen: parts.reduce(0) { $0 + ($1.seen ?? 0) })
        }
        unknown = seen.isStale
        self.differences = differences
        foreign = seen.servers.filter { !ServerName.isInstance($0.name, of: workload) && $0.state != .out }.map(\.name)
            .sorted()
    }

    /// Whether the balancer does what is wanted.
    package var isAsWanted: Bool { unknown == nil && differences.isEmpty }
}
