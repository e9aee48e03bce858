import Model

/// What can be said of a block by itself, before anything is read or asked.
enum SSHBlock {
    /// The files and folders of the source that it names.
    static func paths(_ block: Value) -> [String] {
        let entries = block["files"].list + block["units"].list
        return
            (entries.flatMap { [$0["source"].string, $0["template"].string] } + [block["release"]["archive"].string])
            .compactMap { $0 }
    }

    /// The paths that an instance has on its host for itself alone: files, links, folders of the source, the release and the
    /// files of units. What has the instance's own name in it is no other's.
    static func claims(_ block: Value) -> [String] {
        var variables: [String: Text] = [:]
        for values in [block["vars"], block["host"]["vars"]] {
            for (name, value) in values.map { variables[name] = Text(value) }
        }
        // No path may hold a secret, and nobody reads one to say what is claimed.
        variables = variables.filter { if case .plain = $0.value { true } else { false } }
        variables["RECONCILE_HOST"] = Text(block["host"]["name"])
        variables["RECONCILE_ADDRESS"] = Text(block["host"]["address"])
        let expansion = Expansion(variables: variables)
        let isOwn = { (entry: Value) in
            ["content", "source", "template", "link"].contains { entry[$0] != .null }
        }
        let paths = block["files"].list.filter(isOwn).map { $0["path"].string }
        let releases = ["/current", "/releases"].map { name in block["release"]["path"].string.map { $0 + name } }
        let units = block["units"].list.filter(isOwn).map { entry in
            entry["name"].string.map { WantedUnit.folder + $0 }
        }
        return (paths + releases + units).compactMap { $0 }.compactMap { try? expansion.plain($0, in: "") }.map {
            path in
            let parts = path.split(separator: "/")
            return "/" + parts.joined(separator: "/")
        }
    }

    /// What is wrong although every key is right by itself.
    static func faults(_ block: Value) -> [BlockFault] {
        var faults: [BlockFault] = []
        let release = block["release"]
        if release != .null {
            let count = ["archive", "url"].count { release[$0] != .null }
            if count != 1 { faults.append(BlockFault(["release"], "it needs `archive` or `url`, one of them")) }
            if release["url"] != .null, release["sha256"] == .null {
                faults.append(
                    BlockFault(["release", "url"], "it needs `sha256`, so that nothing else can come from there"))
            }
        }
        for unit in block["units"].list where ["content", "source", "template"].count(where: { unit[$0] != .null }) > 1
        {
            faults.append(BlockFault(["units"], "\(unit["name"].string ?? "one") has more than one file"))
        }
        for command in block["commands"].list where command["observe"] == .null && command["on_change"].list.isEmpty {
            let name = command["name"].string ?? "one"
            faults.append(BlockFault(["commands"], "\(name) needs observe or on_change, or it never runs"))
        }
        var seen: Set<String> = []
        for path in block["files"].list.compactMap(\.["path"].string) where !seen.insert(path).inserted {
            faults.append(BlockFault(["files"], "\(VisibleText.line(path, limit: 100)) is there twice"))
        }
        return faults
    }
}
