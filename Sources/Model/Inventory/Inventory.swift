/// The hosts of an environment, and how they are reached.
package struct Inventory: Hashable, Sendable, Codable {
    /// Sorted by name.
    package var hosts: [Host]
    /// The members of each group, sorted.
    package var groups: [String: [String]]
    /// How they are reached.
    package var ssh: SSHSettings

    /// All parts.
    package init(hosts: [Host] = [], groups: [String: [String]] = [:], ssh: SSHSettings = SSHSettings()) {
        self.hosts = hosts
        self.groups = groups
        self.ssh = ssh
    }

    /// The group that every host is in.
    package static let everyone = "all"

    /// The hosts by their names.
    package var byName: [String: Host] {
        Dictionary(hosts.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// What a driver gets of a host, as the key `host` of a block. `knownHosts` is the text of the file of host keys, nil
    /// where the source has none. Times are whole numbers of milliseconds.
    package func value(of host: Host, knownHosts: String? = nil) -> Value {
        func text(_ text: String?) -> Value { text.map { .string($0) } ?? .null }
        let become = host.become ?? ssh.become
        return .map([
            "name": .string(host.name), "address": .string(host.address),
            "port": (host.port ?? ssh.port).map { .int($0) } ?? .null, "user": text(host.user ?? ssh.user),
            "jump": text(host.jump ?? ssh.jump), "identity": text(host.identity ?? ssh.identity),
            "config": text(ssh.config), "known_hosts": text(knownHosts),
            "become": become == "none" ? .null : .string(become),
            "connect_timeout": .int(Int(ssh.connectTimeout.milliseconds)),
            "keep_alive": .int(Int(ssh.keepAlive.milliseconds)), "connections": .int(ssh.connections),
            "vars": .map(host.vars), "labels": .map(host.labels.mapValues { .string($0) }),
        ])
    }
}

extension Value {
    /// The key of a block under which a driver finds the host that an instance is on.
    package static let hostKey = "host"

    /// A block as an instance on this host gets it.
    package func placed(on host: Value) -> Value { with(Value.hostKey, host) }
}
