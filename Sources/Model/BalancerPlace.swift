/// A place of a balancer where requests are shared out, and that only one workload may fill: a backend, an upstream or a
/// handler. Two are equal where the blocks mean the same one, whatever else these say.
package struct BalancerPlace: Hashable, Sendable, CustomStringConvertible {
    private let keys: BalancerKeys
    /// The balancer that is meant: a path on this machine, or an address.
    private var owner: String
    private let name: String

    /// Where a `traffic` block shares requests out; nil where only the driver itself can shift traffic.
    package init?(of traffic: Value) {
        guard let keys = BalancerKeys.all.first(where: { traffic[$0.balancer] != .null }) else { return nil }
        self.init(keys, traffic[keys.balancer], traffic[keys.balancer][keys.place].string ?? "")
    }

    private init(_ keys: BalancerKeys, _ block: Value, _ name: String) {
        self.keys = keys
        owner = keys.owner(in: block)
        self.name = name
    }

    /// All that a `traffic` block names, those for requests that are told apart, too.
    package static func all(in traffic: Value) -> [BalancerPlace] {
        BalancerKeys.all.filter { traffic[$0.balancer] != .null }.flatMap { keys in
            let block = traffic[keys.balancer]
            return [block[keys.place], block[keys.matchingPlace]].compactMap(\.string).map {
                BalancerPlace(keys, block, $0)
            }
        }
    }

    /// For people: `the backend web of HAProxy at /run/haproxy/admin.sock`.
    package var description: String {
        "the \(keys.kind) \(VisibleText.line(name, limit: 80)) of \(keys.title) \(VisibleText.line(owner, limit: 120))"
    }

    /// The same in short, as changes and steps name it: `haproxy /run/admin.sock web`.
    package static func text(of traffic: Value) -> String {
        guard let place = BalancerPlace(of: traffic) else { return "the driver's own command" }
        return [place.keys.balancer, place.owner, place.name].filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// The file or socket by which the balancer is named; nil where that is an address.
    package var path: String? { owner.hasPrefix("/") ? owner : nil }

    /// The same place by what its path really is, where that is among `realPaths`, by the paths as they are written.
    package func resolved(_ realPaths: [String: String]) -> BalancerPlace {
        guard let real = realPaths[owner] else { return self }
        var place = self
        place.owner = real
        return place
    }
}

/// Which keys of a balancer's block say where requests are shared out.
private struct BalancerKeys: Hashable {
    /// The key of the block itself.
    let balancer: String
    /// What names the balancer that is meant, and what stands for it where it is missing.
    let ownerKey: String
    let fallback: String
    /// What names the place in it.
    let place: String
    /// What names a second place, for requests that are told apart.
    let matchingPlace: String
    /// What such a place is called, and what is said before the balancer's name.
    let kind: String
    let title: String

    static let all = [
        BalancerKeys(
            balancer: "haproxy", ownerKey: "socket", fallback: "", place: "backend", matchingPlace: "match_backend",
            kind: "backend", title: "HAProxy at"),
        BalancerKeys(
            balancer: "nginx", ownerKey: "upstream_file", fallback: "", place: "upstream",
            matchingPlace: "match_upstream", kind: "upstream", title: "nginx in"),
        BalancerKeys(
            balancer: "caddy", ownerKey: "admin", fallback: "http://127.0.0.1:2019", place: "id",
            matchingPlace: "match_route", kind: "handler", title: "Caddy at"),
    ]

    /// Slashes that mean nothing are left out.
    func owner(in block: Value) -> String {
        var text = block[ownerKey].string ?? fallback
        if text.hasPrefix("/") {
            let parts = text.split(separator: "/").filter { $0 != "." }
            return "/" + parts.joined(separator: "/")
        }
        while text.hasSuffix("/") { text.removeLast() }
        return text
    }
}
