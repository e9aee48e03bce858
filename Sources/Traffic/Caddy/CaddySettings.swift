import Model

/// How a Caddy is reached, and what of it is ours.
struct CaddySettings: Sendable {
    let admin: CaddyAdmin.Place
    /// The `@id` of the `reverse_proxy` handler.
    let id: String
    /// The `@id` of the route whose first handler is the `reverse_proxy` for the requests of an A/B test.
    let matchRoute: String?

    /// From a block that was checked.
    init(_ block: Value) throws(TrafficError) {
        let text = block["admin"].string ?? "http://127.0.0.1:2019"
        if text.hasPrefix("/") {
            admin = .unix(text)
        } else if text.hasPrefix("http://"), Words.isAddress(String(text.dropFirst(7))) {
            admin = .tcp(String(text.dropFirst(7)))
        } else {
            throw TrafficError("`caddy.admin` must be http://HOST:PORT, or the absolute path of a socket")
        }
        id = block["id"].string ?? ""
        matchRoute = block["match_route"].string
        guard [id, matchRoute ?? id].allSatisfy(Words.isName) else {
            throw TrafficError("the `@id` of a part of Caddy's configuration may hold letters, digits and `_-.` only")
        }
    }

    /// The groups that have a handler, by what follows `/id/` in the admin API.
    var groups: [(group: ServerGroup, handler: String)] {
        [(.everyone, id)] + (matchRoute.map { [(.matching, $0 + "/handle/0")] } ?? [])
    }
}
