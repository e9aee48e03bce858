import Model

/// How an nginx is reached, and what of it is ours.
struct NginxSettings: Sendable {
    let upstream: String
    let matchUpstream: String?
    /// The configuration file that holds the upstream, and our marks in it.
    let file: String
    /// What is said of each server besides its address and weight.
    let options: String
    let test: [String]
    let reload: [String]
    /// The file that holds the number of nginx's master process; nil where its processes cannot be seen from here.
    let pidFile: String?

    /// From a block that was checked.
    init(_ block: Value) throws(TrafficError) {
        upstream = block["upstream"].string ?? ""
        matchUpstream = block["match_upstream"].string
        file = block["upstream_file"].string ?? ""
        options = block["server_options"].string ?? ""
        let config = block["config"].string.map { ["-c", $0] } ?? []
        let ownReload = block["reload"].list.compactMap(\.string)
        let ownTest = block["test"].list.compactMap(\.string)
        test = ownTest.isEmpty ? ["nginx", "-q", "-t"] + config : ownTest
        reload = ownReload.isEmpty ? ["nginx"] + config + ["-s", "reload"] : ownReload
        pidFile = block["pid"].string ?? (ownReload.isEmpty ? "/run/nginx.pid" : nil)
        guard [upstream, matchUpstream ?? upstream].allSatisfy(Words.isName) else {
            throw TrafficError("the name of an nginx upstream may hold letters, digits and `_-.` only")
        }
        guard Words.areOptions(options) else {
            throw TrafficError("`nginx.server_options` may hold letters, digits and `_-.:/=,` only")
        }
        for path in [file, pidFile ?? "/", block["config"].string ?? "/"] where !path.hasPrefix("/") {
            throw TrafficError("`nginx.upstream_file`, `pid` and `config` are absolute paths on this machine")
        }
    }

    /// The groups that have an upstream.
    var groups: [(group: ServerGroup, upstream: String)] {
        [(.everyone, upstream)] + (matchUpstream.map { [(.matching, $0)] } ?? [])
    }

    /// What `proxy_pass` names where requests are told apart, without the `$`.
    var variable: String { upstream.map { Words.isAlphanumeric($0) ? String($0) : "_" }.joined() + "_upstream" }

    /// The name of the marks around the map that tells requests apart.
    var mapSection: String { upstream + " map" }
}
