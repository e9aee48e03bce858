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
    /// The hosts in between that the inventory names, the first that is reached first.
    var jumps: [SSHHop] = []
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
        func wrong(_ value: String, _ what: String) -> DriverFailure {
            DriverFailure(
                "\(what) of \(name) cannot be '\(VisibleText.line(value, limit: 60))': correct it in environment.yaml")
        }
        // Validation says the same; an option must not come by any other way either.
        guard SSHHop.isHost(address) else { throw wrong(address, "the address") }
        self.address = address
        port = host["port"].int
        user = host["user"].string
        if let user, !SSHHop.isUser(user) { throw wrong(user, "the user") }
        if let jump = host["jump"].string {
            guard let way = SSHHop.way(jump), way.allSatisfy(\.isPlain) else { throw wrong(jump, "the jump host") }
            jumps = way
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

    /// How ssh is told it.
    var hop: SSHHop { SSHHop(user: user, host: address, port: port) }

    /// What the list of host keys calls it.
    var keyName: String {
        guard let port, port != 22 else { return address }
        return "[\(address)]:\(port)"
    }
}
