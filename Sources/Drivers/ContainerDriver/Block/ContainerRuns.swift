import Model

/// What of a block makes a running instance another one: everything but how its image gets there and how long calls take.
/// Two ways to write the same are the same.
enum ContainerRuns {
    static func value(block: Value, files: [SourceFile]) -> Value {
        var entries = block.map
        for key in ["pull", "registry", "tls", "timeout"] { entries[key] = nil }
        for (key, standard) in standards where entries[key] == standard { entries[key] = nil }
        if entries["restart"] != .string("on-failure") { entries["max_retries"] = nil }
        entries["ports"] = .list(
            block["ports"].list.map { item in
                without(["address": .string("127.0.0.1"), "protocol": .string("tcp")], item)
            })
        for key in ["mounts", "volumes"] {
            entries[key] = .list(block[key].list.map { without(["read_only": .bool(false)], $0) })
        }
        entries["tmpfs"] = .list(
            block["tmpfs"].list.map { item in
                guard let size = item["size"].string.flatMap(Quantity.whole) else { return item }
                return item.with("size", .int(size))
            })
        entries["healthcheck"] = without(["disable": .bool(false)], block["healthcheck"])
        var resources: [String: Value] = [:]
        resources["cpu"] = block["resources"]["cpu"].string.flatMap(Quantity.billionths).map(Value.int)
        resources["memory"] = block["resources"]["memory"].string.flatMap(Quantity.whole).map(Value.int)
        entries["resources"] = .map(resources)
        entries["files"] = SourceFile.value(of: files)
        if files.isEmpty { entries["files_at"] = nil }
        for key in ["cap_add", "cap_drop", "aliases", "extra_hosts"] {
            entries[key] = .list(block[key].list.sorted { ($0.string ?? "") < ($1.string ?? "") })
        }
        return .map(entries.filter { $0.value != .list([]) && $0.value != .map([:]) && $0.value != .null })
    }

    /// What holds where a key is not there.
    private static let standards: [String: Value] = [
        "init": .bool(false), "read_only": .bool(false), "no_new_privileges": .bool(false),
        "restart": .string("no"), "network_mode": .string("bridge"), "stop_grace": .int(10_000),
        "files_at": .string("/reconcile"),
    ]

    private static func without(_ standards: [String: Value], _ value: Value) -> Value {
        .map(value.map.filter { standards[$0.key] != $0.value })
    }
}
