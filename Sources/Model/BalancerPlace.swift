/// A place of a balancer that only one workload may fill: a backend, an upstream or a handler.
package struct BalancerPlace: Hashable, Sendable, CustomStringConvertible {
    /// For people, and what tells one from another: `the backend web of HAProxy at /run/haproxy/admin.sock`.
    package let description: String

    private init(_ description: String) { self.description = description }

    /// All that a `traffic` block names.
    package static func all(in traffic: Value) -> [BalancerPlace] {
        func places(_ names: [Value], _ kind: String, _ owner: String) -> [BalancerPlace] {
            names.compactMap(\.string).map {
                BalancerPlace(
                    "the \(kind) \(VisibleText.line($0, limit: 80)) of \(VisibleText.line(owner, limit: 120))")
            }
        }
        let (haproxy, nginx, caddy) = (traffic["haproxy"], traffic["nginx"], traffic["caddy"])
        let admin = caddy["admin"].string ?? "http://127.0.0.1:2019"
        return places(
            [haproxy["backend"], haproxy["match_backend"]], "backend", "HAProxy at \(haproxy["socket"].string ?? "")")
            + places(
                [nginx["upstream"], nginx["match_upstream"]], "upstream",
                "nginx in \(nginx["upstream_file"].string ?? "")")
            + places([caddy["id"], caddy["match_route"]], "handler", "Caddy at \(admin)")
    }
}
