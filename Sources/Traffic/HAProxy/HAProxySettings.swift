import Model

/// How an HAProxy is reached, and what of it is ours.
struct HAProxySettings: Sendable {
    let place: RuntimeAPI.Place
    /// The backend of a group's servers; nil for `matching` where the block names none.
    let backend: String
    let matchBackend: String?
    /// The configuration that is read at a reload, where our servers are written.
    let serversFile: String?
    /// The server-state file that is read at a reload; with it servers are slots that the configuration names.
    let stateFile: String?
    /// What is said of each server besides its address and weight, for dynamic servers.
    let options: String

    /// From a block that was checked.
    init(_ block: Value) throws(TrafficError) {
        let socket = block["socket"].string ?? ""
        if socket.hasPrefix("/") {
            place = .unix(socket)
        } else if let named = HostPort(socket) {
            place = .tcp(host: named.host, port: named.port)
        } else {
            throw TrafficError("`haproxy.socket` must be the absolute path of a socket, or HOST:PORT")
        }
        backend = block["backend"].string ?? ""
        matchBackend = block["match_backend"].string
        serversFile = block["servers_file"].string
        stateFile = block["state_file"].string
        options = block["server_options"].string ?? ""
        guard [backend, matchBackend ?? backend].allSatisfy(Words.isName) else {
            throw TrafficError("the name of an HAProxy backend may hold letters, digits and `_-.` only")
        }
        guard Words.areOptions(options) else {
            throw TrafficError("`haproxy.server_options` may hold letters, digits and `_-.:/=,` only")
        }
        for file in [serversFile, stateFile] where file?.hasPrefix("/") == false {
            throw TrafficError("`haproxy.servers_file` and `state_file` are absolute paths on this machine")
        }
    }

    /// The groups that have a backend.
    var groups: [(group: ServerGroup, backend: String)] {
        [(.everyone, backend)] + (matchBackend.map { [(.matching, $0)] } ?? [])
    }

    func backend(of group: ServerGroup) -> String { group == .matching ? matchBackend ?? backend : backend }

    /// Whether servers are places that the configuration names, to be filled and emptied, not made and deleted.
    var hasSlots: Bool { stateFile != nil }

    /// Whether new servers are to be told to begin with their checks.
    var hasCheck: Bool { options.split(separator: " ").contains("check") }
}
