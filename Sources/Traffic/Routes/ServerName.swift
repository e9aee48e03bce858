import Model

/// What an instance is called at a balancer: `web@alpha` is `web.at.alpha` there, because no balancer takes an `@`. No name of
/// ours holds a dot, so that leads back; and hardly anybody calls a server of their own like that.
enum ServerName {
    private static let mark = ".at."

    static func of(_ instance: String) -> String {
        instance.replacing(String(Workload.hostMark), with: mark, maxReplacements: 1)
    }

    /// The instance of a workload's server.
    static func instance(_ name: String, of workload: String) -> String {
        host(name, of: workload).map { workload + String(Workload.hostMark) + $0 } ?? name
    }

    /// Whether a server's name is that of an instance of the workload.
    static func isInstance(_ name: String, of workload: String) -> Bool {
        if let host = host(name, of: workload) { return Names.isValid(host) }
        guard name.hasPrefix(workload + "-") else { return false }
        let number = name.dropFirst(workload.count + 1)
        return !number.isEmpty && number.utf8.count <= 9 && number.allSatisfy { $0.isASCII && $0.isNumber }
    }

    private static func host(_ name: String, of workload: String) -> String? {
        let start = workload + mark
        return name.hasPrefix(start) ? String(name.dropFirst(start.count)) : nil
    }
}

extension Routing {
    /// The same by what servers are called.
    var byServerName: Routing {
        var routing = self
        for side in sides.indices {
            for place in sides[side].members.indices {
                routing.sides[side].members[place].instance = ServerName.of(sides[side].members[place].instance)
            }
        }
        return routing
    }
}
