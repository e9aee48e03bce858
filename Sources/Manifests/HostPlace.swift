/// Where a host is, as far as manifests say it: equal ones are the same machine.
package struct HostPlace: Hashable, Sendable {
    private let address: String
    private let port: String
    /// Networks behind different hosts may use the same addresses.
    private let jump: String?
    /// What ssh's own configuration calls a name, another one may call another machine.
    private let config: String?

    init(address: String, port: String, jump: String?, config: String?) {
        self.address = address.lowercased()
        self.port = port
        self.jump = jump.map(Self.hosts)
        self.config = config
    }

    /// The hosts in between, whoever logs in there.
    private static func hosts(of jump: String) -> String {
        jump.lowercased().split(separator: ",").map { hop in
            let host = hop.split(separator: "@").last ?? hop
            return host.hasSuffix(":22") ? host.dropLast(3) : host
        }.joined(separator: ",")
    }
}
