import Model

/// Where a host is, as far as manifests say it: equal ones are the same machine.
package struct HostPlace: Hashable, Sendable {
    private let address: String
    private let port: String
    /// The hosts in between, whoever logs in there: networks behind different ones may use the same addresses. Nil for what
    /// cannot be read.
    private let jumps: [SSHHop]?
    /// What ssh's own configuration calls a name, another one may call another machine.
    private let config: String?

    init(address: String, port: String, jump: String?, config: String?) {
        self.address = address.lowercased()
        self.port = port
        jumps =
            jump == nil
            ? []
            : SSHHop.way(jump?.lowercased() ?? "")?.map {
                SSHHop(user: nil, host: $0.host, port: $0.port ?? Host.usualPort)
            }
        self.config = config
    }
}
