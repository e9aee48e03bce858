import Checks
import Model

/// Caddy, by its admin API. It has no weights: who is to get more requests stands among the upstreams more often.
struct CaddyBalancer: Balancer {
    private let settings: CaddySettings
    private let admin: CaddyAdmin
    private let leavers: CaddyLeavers

    /// Policies that do not look at how often an upstream stands in the list.
    private static let unweighted = ["first", "least_conn", "random_choose", "ip_hash", "uri_hash", "header"]

    /// A set of requests that is empty.
    private static let nobody: Value = .list([.map(["not": .list([.map([:])])])])

    init(_ settings: CaddySettings, network: Network, timeout: TimeSpan) {
        self.settings = settings
        admin = CaddyAdmin(place: settings.admin, network: network, timeout: timeout)
        leavers = CaddyLeavers(settings, admin)
    }

    var name: String { "Caddy at \(settings.admin), handler \(settings.id)" }
    func key() async -> String { "caddy \(settings.admin)" }
    var heaviest: Int { 100 }
    var canMatch: Bool { settings.matchRoute != nil }

    func observe() async throws(TrafficError) -> SeenServers {
        var servers: [SeenServer] = []
        var leaving: [SeenServer] = []
        for (group, handler) in settings.groups {
            let object = try await self.handler(handler).value
            servers += CaddyUpstreams.read(object["upstreams"], group, settings)
            if group == .everyone { leaving = leavers.read(object) }
        }
        let requests = try await requests()
        // One that came back is no longer on its way out.
        servers += leaving.filter { gone in !servers.contains { $0.name == gone.name && $0.group == gone.group } }
        for index in servers.indices { servers[index].sessions = requests[servers[index].address] }
        var matcher: String?
        if let route = settings.matchRoute { matcher = try await admin.get("/id/\(route)/match").value.canonical }
        return SeenServers(servers, matcher: matcher)
    }

    func apply(
        _ servers: [BalancedServer], leaving: [SeenServer], _ matching: Matching
    ) async throws(TrafficError) {
        let main = try await handler(settings.id)
        let policy = main.value["load_balancing"]["selection_policy"]["policy"].string ?? "random"
        let weights = servers.filter { $0.group == .everyone }.map(\.weight)
        if CaddyBalancer.unweighted.contains(policy), Set(weights.filter { $0 > 0 }).count > 1 {
            throw TrafficError(
                "\(name) chooses by `\(policy)`, which knows no weights: use `round_robin`, `random` or `cookie`")
        }
        let going = leavers.read(main.value).filter { old in
            !servers.contains { $0.name == old.name && $0.group == old.group && $0.weight > 0 }
        }
        try await leavers.write(
            going + leaving.filter { new in !going.contains { $0.isSame(as: new) } }.map(\.gone), main)
        for (group, handler) in settings.groups.reversed() {
            let isOut = matching == .nobody
            if group == .matching, isOut { try await tell(matching) }
            let part = try await self.handler(handler)
            let old = part.value["upstreams"]
            let new = CaddyUpstreams.list(servers, leaving, group, beside: old, settings)
            if new != old {
                try await admin.put("/id/\(handler)/upstreams", new, isThere: old != .null, after: part)
            }
            if group == .matching, !isOut { try await tell(matching) }
        }
    }

    func sessions(of leaving: [SeenServer]) async throws(TrafficError) -> Int? {
        let requests = try await requests()
        return Set(leaving.map(\.address)).reduce(0) { $0 + (requests[$1] ?? 0) }
    }

    func remove(_ leaving: [SeenServer]) async throws(TrafficError) {
        let main = try await handler(settings.id)
        try await leavers.write(
            leavers.read(main.value).filter { old in !leaving.contains { $0.name == old.name && $0.group == old.group }
            },
            main)
    }

    func matcher(_ match: Match?) -> String? { CaddyBalancer.matcher(match).canonical }

    private static func matcher(_ match: Match?) -> Value {
        switch match {
        case nil: return nobody
        case .header(let name, let value)?: return .list([.map(["header": .map([name: .list([.string(value)])])])])
        case .cookie(let name, let value)?:
            let text = value.map { ".+".contains($0) ? "\\\($0)" : String($0) }.joined()
            let pattern: Value = .map(["pattern": .string("(^|; *)\(name)=\(text)(;|$)")])
            return .list([.map(["header_regexp": .map(["Cookie": pattern])])])
        }
    }

    /// Says which requests the route of an A/B test takes.
    private func tell(_ matching: Matching) async throws(TrafficError) {
        guard matching != .asIs, let route = settings.matchRoute else { return }
        let matcher = CaddyBalancer.matcher(matching.match)
        let part = try await admin.get("/id/\(route)/match")
        guard part.value != matcher else { return }
        try await admin.put("/id/\(route)/match", matcher, isThere: part.value != .null, after: part)
    }

    private func handler(_ path: String) async throws(TrafficError) -> CaddyAdmin.Part {
        let object = try await admin.get("/id/\(path)")
        guard object.value["handler"].string == "reverse_proxy" else {
            throw TrafficError("\(path) of Caddy at \(settings.admin) is no `reverse_proxy` handler")
        }
        return object
    }

    /// How many requests each address answers just now.
    private func requests() async throws(TrafficError) -> [String: Int] {
        let list = try await admin.get("/reverse_proxy/upstreams").value.list
        return Dictionary(list.map { ($0["address"].string ?? "", $0["num_requests"].int ?? 0) }) { $0 + $1 }
    }
}

extension SeenServer {
    /// The same on its way out, as `CaddyLeavers` reads it back.
    fileprivate var gone: SeenServer {
        SeenServer(name: name, group: group, address: address, weight: 0, state: .draining)
    }
}
