import Model

/// Those that left Caddy's upstreams and still answer. Caddy counts the requests of an upstream only as long as its
/// configuration names it, so it is named where no request ever comes: in an answer to a status that cannot be.
struct CaddyLeavers: Sendable {
    private let settings: CaddySettings
    private let admin: CaddyAdmin

    init(_ settings: CaddySettings, _ admin: CaddyAdmin) {
        self.settings = settings
        self.admin = admin
    }

    private var id: String { settings.id + "~leaving" }

    /// Reads them out of the handler.
    func read(_ handler: Value) -> [SeenServer] {
        handler["handle_response"].list.filter { $0["@id"].string == id }.flatMap { entry in
            entry["routes"].list.first?["handle"].list.first?["upstreams"].list ?? []
        }.compactMap { upstream in
            let parts = upstream["@id"].string?.split(separator: ":") ?? []
            guard parts.count == 4, let group = ServerGroup(rawValue: String(parts[2])) else { return nil }
            return SeenServer(
                name: String(parts[1]), group: group, address: upstream["dial"].string ?? "", weight: 0,
                state: .draining)
        }
    }

    /// Writes who they are.
    func write(_ leavers: [SeenServer], _ handler: CaddyAdmin.Part) async throws(TrafficError) {
        let old = read(handler.value)
        guard old != leavers else { return }
        let upstreams = Value.list(
            leavers.map { server in
                .map([
                    "@id": .string("\(settings.id):\(server.name):\(server.group.rawValue):leaving"),
                    "dial": .string(server.address),
                ])
            })
        if !old.isEmpty, !leavers.isEmpty {
            return try await admin.put(
                "/id/\(id)/routes/0/handle/0/upstreams", upstreams, isThere: true, after: handler)
        }
        if handler.value["handle_response"].list.contains(where: { $0["@id"].string == id }) {
            try await admin.delete("/id/\(id)")
        }
        guard !leavers.isEmpty else { return }
        let proxy: Value = .map(["handler": .string("reverse_proxy"), "upstreams": upstreams])
        try await admin.append(
            "/id/\(settings.id)/handle_response",
            .map([
                "@id": .string(id), "match": .map(["status_code": .list([.int(1000)])]),
                "routes": .list([.map(["handle": .list([proxy])])]),
            ]))
    }
}
