import Model

/// The upstreams of a `reverse_proxy` handler. Ours are known by their `@id`, `HANDLER:INSTANCE:N`; one that is to get more than
/// others stands there more often, because Caddy has no weights.
enum CaddyUpstreams {
    /// How often each of ours stands there.
    static func read(_ list: Value, _ group: ServerGroup, _ settings: CaddySettings) -> [SeenServer] {
        var servers: [SeenServer] = []
        for item in list.list {
            let address = VisibleText.line(item["dial"].string ?? "?", limit: 200)
            guard let name = name(item, settings) else {
                servers.append(SeenServer(name: address, group: group, address: address, weight: 1))
                continue
            }
            if let index = servers.firstIndex(where: { $0.name == name }) {
                servers[index].weight += 1
            } else {
                servers.append(SeenServer(name: name, group: group, address: address, weight: 1))
            }
        }
        return servers
    }

    /// The list with ours in it and the others' as they are.
    static func list(
        _ all: [BalancedServer], _ leaving: [SeenServer], _ group: ServerGroup, beside old: Value,
        _ settings: CaddySettings
    ) -> Value {
        let others = old.list.filter { item in
            name(item, settings).map { !BalancedServer.concerns($0, group, all, leaving) } ?? true
        }
        let servers = all.filter { $0.group == group }
        var counts: [String: Int] = [:]
        let ours = Weights.spread(servers.map(\.weight)).map { index in
            let server = servers[index]
            counts[server.name, default: 0] += 1
            return Value.map([
                "@id": .string(id(server.name, settings) + ":\(server.group.rawValue):\(counts[server.name] ?? 0)"),
                "dial": .string(server.address),
            ])
        }
        return .list(others + ours)
    }

    private static func id(_ name: String, _ settings: CaddySettings) -> String { settings.id + ":" + name }

    private static func name(_ item: Value, _ settings: CaddySettings) -> String? {
        guard let parts = item["@id"].string?.split(separator: ":"), parts.count > 2, parts[0] == settings.id else {
            return nil
        }
        return String(parts[1])
    }
}
