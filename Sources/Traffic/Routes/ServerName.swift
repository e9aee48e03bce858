import Model

/// What an instance is called at a balancer: `web@alpha` is `web.alpha` there, because no balancer takes an `@`. No name of
/// ours holds a dot, so that leads back.
enum ServerName {
    static func of(_ instance: String) -> String {
        instance.replacing(String(Workload.hostMark), with: ".", maxReplacements: 1)
    }

    /// The instance of a workload's server.
    static func instance(_ name: String, of workload: String) -> String {
        guard name.hasPrefix(workload + ".") else { return name }
        return workload + String(Workload.hostMark) + name.dropFirst(workload.utf8.count + 1)
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
