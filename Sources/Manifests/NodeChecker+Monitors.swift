import Model

extension NodeChecker {
    /// What a schema cannot say of monitors: what belongs together, and what excludes each other.
    mutating func checkMonitors(_ document: YAMLNode) {
        guard let monitors = document["monitor"] else { return }
        var seen: Set<String> = []
        for monitor in monitors.items {
            if let name = monitor["name"], let text = name.text, !seen.insert(text).inserted {
                report(name.place, "another monitor of this workload is named \(quoted(text)): rename one")
            }
            checkMonitorProbe(monitor)
            checkLimits(monitor)
        }
    }

    /// What is wrong with a probe wherever one stands: the form of addresses, queries and places in an answer.
    mutating func checkMonitorProbe(_ node: YAMLNode) {
        if let http = node["http"] { checkHTTP(http) }
        if let prometheus = node["prometheus"] {
            if let url = prometheus["url"] { checkURL(url, "url") }
            checkHeaders(prometheus)
            if let query = prometheus["query"], let text = query.text {
                do throws(QueryTemplate.Mistake) { _ = try QueryTemplate(text) } catch {
                    report(query.place, error.reason)
                }
            }
        }
    }

    private mutating func checkHTTP(_ http: YAMLNode) {
        if (http["path"] == nil) == (http["url"] == nil) {
            report(http.place, "`http` needs either `path` (of each instance) or `url` (a whole address)")
        }
        if let path = http["path"], let text = path.text, !text.hasPrefix("/") || !NodeChecker.isClean(text) {
            report(path.place, "`path` must begin with / and hold no spaces or control characters, not \(quoted(text))")
        }
        if let url = http["url"] { checkURL(url, "url") }
        if let port = http["port"], http["path"] == nil {
            report(port.place, "`port` belongs to `path`: write the port into the address")
        }
        if let json = http["json"] {
            if let text = json.text, JSONPath(text) == nil {
                report(json.place, "`json` must be a place such as `queues[0].length`, not \(quoted(text))")
            }
            for other in ["percentile", "requests"] where http[other] != nil {
                report(json.place, "`json` and `\(other)` exclude each other: keep one")
            }
        }
        if let percentile = http["percentile"], percentile.text.flatMap({ NumberText.read($0) }) == 0 {
            report(percentile.place, "`percentile` must be more than 0, such as 99")
        }
        checkHeaders(http)
    }

    private mutating func checkURL(_ node: YAMLNode, _ key: String) {
        guard let url = node.text else { return }
        if !url.hasPrefix("http://") && !url.hasPrefix("https://") {
            report(node.place, "`\(key)` must be an http or https address, not \(quoted(url))")
        } else if !NodeChecker.isClean(url) {
            report(node.place, "`\(key)` holds spaces or control characters")
        }
    }

    private mutating func checkHeaders(_ node: YAMLNode) {
        for entry in node["headers"]?.entries ?? [] where !NodeChecker.isHeader(entry.key) {
            report(entry.place, "\(quoted(entry.key)) is no name of a header")
        }
        for entry in node["headers"]?.entries ?? [] {
            if let text = entry.value.text, VisibleText.line(text, limit: .max) != text {
                report(entry.value.place, "the header holds control characters")
            }
        }
    }

    private mutating func checkLimits(_ monitor: YAMLNode) {
        func number(_ key: String) -> Double? { monitor[key]?.text.flatMap { NumberText.read($0) } }
        if let min = number("min"), let max = number("max"), min > max, let place = monitor["min"]?.place {
            report(place, "`min` is more than `max`")
        }
        if let failures = monitor["failures"]?.text.flatMap({ Int($0) }),
            let row = monitor["consecutive"]?.text.flatMap({ Int($0) }), row > failures,
            let place = monitor["consecutive"]?.place
        {
            report(place, "`consecutive` is more than `failures`, so it would never be reached")
        }
        let limits = ["min", "max", "baseline"].filter { monitor[$0] != nil }
        let counts =
            monitor["command"] != nil || monitor["container"] != nil
            || monitor["http"].map {
                $0["percentile"] == nil && $0["json"] == nil
            } ?? false
        if limits.isEmpty, !counts, monitor["http"] != nil || monitor["prometheus"] != nil,
            let name = monitor["name"]?.text
        {
            report(monitor.place, "the monitor \(quoted(name)) has no limit: give it `min`, `max` or `baseline`")
        }
        guard let baseline = monitor["baseline"] else { return }
        if baseline.entries.isEmpty {
            report(baseline.place, "`baseline` is empty: give it `max_ratio`, `min_ratio` or `max_difference`")
        }
        let sameForAll: String? =
            if monitor["http"]?["url"] != nil {
                "the `url` is the same for both sides: use `path`"
            } else if let query = monitor["prometheus"]?["query"]?.text, let template = try? QueryTemplate(query),
                !template.tellsSides
            {
                "the query is the same for both sides: use `{{side}}` or another variable in it"
            } else {
                nil
            }
        if let sameForAll { report(baseline.place, "there is nothing to compare, \(sameForAll)") }
    }

    private static func isClean(_ text: String) -> Bool {
        VisibleText.line(text, limit: .max) == text && !text.contains(" ")
    }

    private static func isHeader(_ name: String) -> Bool {
        name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "-_".utf8.contains(byte)
        } && !["host", "content-length", "transfer-encoding", "connection"].contains(name.lowercased())
    }
}
