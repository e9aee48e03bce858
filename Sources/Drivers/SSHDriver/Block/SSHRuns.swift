import Model

/// What of a block makes an instance another one.
enum SSHRuns {
    static func value(block: Value, files: [SourceFile]) -> Value {
        var entries = block.map
        for key in ["host", "vars", "timeout", "health", "become", "order"] { entries[key] = nil }
        entries["commands"] = .list(
            block["commands"].list.map { command in
                .map(command.map.filter { !["observe", "remove", "timeout"].contains($0.key) })
            })
        if case .map(var release) = block["release"] {
            release["keep"] = nil
            entries["release"] = .map(release)
        }
        entries["files of the source"] = SourceFile.value(of: files)
        var variables = block["vars"].map.merging(block["host"]["vars"].map) { $1 }
        // What a template of the source names is not known before it is read, and commands get them all.
        if !readsAll(block) {
            let names = Self.names(block)
            variables = variables.filter { names.contains($0.key) }
        }
        entries["variables"] = .map(variables)
        return .map(entries.filter { $0.value != .list([]) && $0.value != .map([:]) && $0.value != .null })
    }

    private static func readsAll(_ block: Value) -> Bool {
        !block["commands"].list.isEmpty
            || (block["files"].list + block["units"].list).contains { entry in
                entry["template"] != .null || (entry["expand"] == .bool(true) && entry["source"] != .null)
            }
    }

    private static func names(_ block: Value) -> Set<String> {
        var names: Set<String> = []
        for entry in block["files"].list {
            for key in ["path", "link"] { names.formUnion(Expansion.names(in: entry[key].string ?? "")) }
        }
        for entry in block["files"].list + block["units"].list where entry["expand"] == .bool(true) {
            names.formUnion(Expansion.names(in: entry["content"].string ?? ""))
        }
        for key in ["path", "url"] { names.formUnion(Expansion.names(in: block["release"][key].string ?? "")) }
        return names
    }
}
