import DriverKit
import Model

/// How a host is reached. Equal ones share a connection.
struct HostAccess: Hashable, Sendable {
    /// Its name in the inventory.
    var name: String
    var address: String
    /// Nil where ssh's own configuration decides, like the user.
    var port: Int?
    /// Nil where ssh's own configuration decides.
    var user: String?
    /// `HOST`, `USER@HOST` or `USER@HOST:PORT`, or several with commas, the first that is reached first.
    var jump: String?
    /// The file of the private key; nil where the agent and ssh's own configuration decide.
    var identity: String?
    /// ssh's configuration; nil for the user's own.
    var config: String?
    /// The text of the list of host keys; nil for the file of the environment in the state folder.
    var knownHosts: String?
    var environment: String
    var connectTimeout: TimeSpan
    var keepAlive: TimeSpan
    /// How many connections may be opened at once.
    var connections: Int
    /// Whether everything there is done by `sudo -n`.
    var becomes: Bool

    init(_ target: InstanceTarget) throws(DriverFailure) {
        let block = target.deployable.block
        let host = block["host"]
        guard let name = host["name"].string, let address = host["address"].string else {
            throw DriverFailure(
                "\(target.instance) is on no host: say in the workload which `hosts` of environment.yaml it is for")
        }
        self.name = name
        self.address = try Self.checked(address, "the address", of: name)
        port = host["port"].int
        user = try host["user"].string.map { value throws(DriverFailure) in
            try Self.checked(value, "the user", of: name)
        }
        jump = try host["jump"].string.map { value throws(DriverFailure) in
            try Self.checked(value, "the jump host", of: name)
        }
        identity = host["identity"].string
        config = host["config"].string
        knownHosts = host["known_hosts"].string
        environment = target.environment
        connectTimeout = TimeSpan(milliseconds: Int64(max(1, host["connect_timeout"].int ?? 10_000)))
        keepAlive = TimeSpan(milliseconds: Int64(max(1, host["keep_alive"].int ?? 15_000)))
        connections = max(1, host["connections"].int ?? 30)
        becomes = (block["become"].string ?? host["become"].string) == "sudo"
    }

    /// What the list of host keys calls it.
    var keyName: String {
        guard let port, port != 22 else { return address }
        return "[\(address)]:\(port)"
    }

    /// What begins with a dash would be an option, and what holds a blank or a control character is no name.
    private static func checked(_ value: String, _ what: String, of host: String) throws(DriverFailure) -> String {
        let isPlain = value.unicodeScalars.allSatisfy {
            $0.value > 0x20 && $0.value != 0x7F && !"'\"\\`$;|&<>".unicodeScalars.contains($0)
        }
        guard !value.isEmpty, !value.hasPrefix("-"), !value.contains("@-"), !value.contains(",-"), isPlain else {
            throw DriverFailure(
                "\(what) of \(host) cannot be '\(VisibleText.line(value, limit: 60))': correct it in environment.yaml")
        }
        return value
    }
}
