import Model

extension NodeChecker {
    /// What a schema cannot say of a check: the form of addresses.
    mutating func checkProbe(_ node: YAMLNode) {
        if let http = node["http"], let url = http.text {
            let isPath = url.hasPrefix("/")
            if !isPath, !url.hasPrefix("http://"), !url.hasPrefix("https://") {
                report(http.place, "`http` must be an http or https address, not \(quoted(url))")
            } else if VisibleText.line(url, limit: .max) != url || url.contains(" ") {
                report(http.place, "`http` holds spaces or control characters")
            } else if isPath, node["port"] == nil {
                report(http.place, "`http` is only a path: give the whole address, or beside `health`'s path a `port`")
            } else if !isPath, let port = node["port"] {
                report(port.place, "`port` belongs to an `http` that is only a path: write the port into the address")
            }
        } else if let port = node["port"] {
            report(port.place, "`port` belongs to an `http` that is only a path")
        }
        if let tcp = node["tcp"], let address = tcp.text, !NodeChecker.isHostAndPort(address) {
            report(tcp.place, "`tcp` must be HOST:PORT, not \(quoted(address))")
        }
        if let expect = node["expect"], node["http"] == nil { report(expect.place, "`expect` belongs to `http`") }
    }

    /// What a schema cannot say of numbers that belong together.
    mutating func checkNumbers(_ document: YAMLNode) {
        if let share = document["rollout"]?["max_parallel"], ["0", "0%"].contains(share.text) {
            report(share.place, "`rollout.max_parallel` must be at least 1")
        }
        if let scaling = document["autoscaling"], let least = scaling["min"]?.text.flatMap({ Int($0) }),
            let most = scaling["max"]?.text.flatMap({ Int($0) }), least > most
        {
            report(scaling.place, "`autoscaling.min` is more than `autoscaling.max`")
        }
        if let scaling = document["autoscaling"] { checkScaling(scaling) }
    }

    /// What a schema cannot say of sources: in `sources` names are unique, and what is one source's own stands in its entry.
    mutating func checkSources(_ document: YAMLNode) {
        checkFollowing(document)
        guard let sources = document["sources"] else { return }
        for source in sources.items { checkFollowing(source) }
        if sources.items.isEmpty { report(sources.place, "`sources` is empty: name one, or leave it out") }
        let own = Set(Schemas.source.map(\.name)).subtracting(Schemas.sharedBySources)
        for entry in document.entries where own.contains(entry.key) {
            report(entry.place, "`\(entry.key)` stands beside `sources`: write it into the entries it is for")
        }
        var seen: Set<String> = []
        for name in sources.items.compactMap({ $0["name"] }) {
            guard let text = name.text, !seen.insert(text).inserted else { continue }
            report(name.place, "another source is named \(quoted(text)): rename one")
        }
    }

    /// What a schema cannot say of what a source follows.
    private mutating func checkFollowing(_ source: YAMLNode) {
        if let semver = source["semver"], let text = semver.text {
            do throws(VersionRangeError) { _ = try VersionRange(text) } catch {
                report(semver.place, "`semver` is no range of versions: \(error)")
            }
        }
        guard let branch = source["branch"] else { return }
        for other in ["tag", "semver"] where source[other] != nil {
            report(branch.place, "`branch` and `\(other)` exclude each other: keep one")
        }
    }

    /// What a schema cannot say of `drivers`: names are unique and stand for nothing else, paths are absolute.
    mutating func checkDrivers(_ document: YAMLNode, builtIn: [String]) {
        let taken = Set(Schemas.workload.map(\.name))
        var seen: Set<String> = []
        for item in document["drivers"]?.items ?? [] {
            let name = item["name"] ?? item
            if let text = name.text {
                if builtIn.contains(text) {
                    report(name.place, "the driver \(quoted(text)) is built in: give the plugin another name")
                } else if taken.contains(text) {
                    report(name.place, "\(quoted(text)) is a key of workloads: give the plugin another name")
                } else if !seen.insert(text).inserted {
                    report(name.place, "the driver \(quoted(text)) is listed twice: keep one of them")
                }
            }
            if let path = item["path"], let text = path.text, !text.hasPrefix("/") {
                report(
                    path.place, "`path` must be absolute, not \(quoted(text)): no plugin is run from a working folder")
            }
        }
    }

    static func isHostAndPort(_ text: String) -> Bool {
        guard let host = HostPort(text)?.host else { return false }
        return host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !host.hasPrefix("-")
    }
}
