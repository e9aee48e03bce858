/// A place of a balancer that only one workload may fill: a backend, an upstream or a handler.
package struct BalancerPlace: Hashable, Sendable, CustomStringConvertible {
    /// For people, and what tells one from another: `the backend web of HAProxy at /run/haproxy/admin.sock`.
    package let description: String

    /// All that a `traffic` block names.
    package static func all(in traffic: Value) -> [BalancerPlace] {
        BalancerKeys.all.filter { traffic[$0.balancer] != .null }.flatMap { keys in
            let block = traffic[keys.balancer]
            let owner = VisibleText.line(keys.owner(in: block), limit: 120)
            return [block[keys.place], block[keys.matchingPlace]].compactMap(\.string).map {
                BalancerPlace(
                    description: "the \(keys.kind) \(VisibleText.line($0, limit: 80)) of \(keys.title) \(owner)")
            }
        }
    }
}

/// Which keys of a balancer's block say where requests are shared out.
struct BalancerKeys {
    /// The key of the block itself.
    let balancer: String
    /// What names the balancer that is meant, and what stands for it where it is missing.
    let owner: String
    let fallback: String
    /// What names the place in it.
    let place: String
    /// What names a second place, for requests that are told apart.
    let matchingPlace: String
    /// What such a place is called, and what is said before `owner`.
    let kind: String
    let title: String

    static let all = [
        BalancerKeys(
            balancer: "haproxy", owner: "socket", fallback: "", place: "backend", matchingPlace: "match_backend",
            kind: "backend", title: "HAProxy at"),
        BalancerKeys(
            balancer: "nginx", owner: "upstream_file", fallback: "", place: "upstream", matchingPlace: "match_upstream",
            kind: "upstream", title: "nginx in"),
        BalancerKeys(
            balancer: "caddy", owner: "admin", fallback: "http://127.0.0.1:2019", place: "id",
            matchingPlace: "match_route", kind: "handler", title: "Caddy at"),
    ]

    func owner(in block: Value) -> String { block[owner].string ?? fallback }
}
