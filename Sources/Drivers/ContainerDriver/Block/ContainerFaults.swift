import Model

/// Keys of a block that say nothing where they stand: what is accepted has an effect.
enum ContainerFaults {
    static func all(in block: Value) -> [BlockFault] {
        engine(block) + registry(block["registry"]) + healthcheck(block["healthcheck"]) + network(block) + others(block)
    }

    private static func engine(_ block: Value) -> [BlockFault] {
        let tls = block["tls"]
        guard tls != .null else { return [] }
        if let text = block["engine"].string, !text.hasPrefix("tcp://") {
            return [
                BlockFault(["tls"], "`tls` is for an engine at tcp://, and this one is at another place: leave it out")
            ]
        }
        if tls == .map([:]) { return [BlockFault(["tls"], "`tls` is empty: name PEM files, or leave it out")] }
        let pair = [("cert", "key"), ("key", "cert")]
        return pair.filter { tls[$0.0] != .null && tls[$0.1] == .null }.map { given, missing in
            BlockFault(["tls", given], "`tls.\(given)` is of no use without `tls.\(missing)`: name both")
        }
    }

    private static func registry(_ registry: Value) -> [BlockFault] {
        guard registry != .null else { return [] }
        let names = ["username", "password"].filter { registry[$0] != .null }
        if registry["config"] != .null {
            return names.map { BlockFault(["registry", $0], "`config` and `\($0)` exclude each other: keep one") }
        }
        guard names.count < 2 else { return [] }
        return [
            BlockFault(
                ["registry"] + names, "a login at a registry needs `username` and `password`, or a `config`: write both"
            )
        ]
    }

    private static func healthcheck(_ check: Value) -> [BlockFault] {
        guard check != .null else { return [] }
        let keys = check.map.keys.sorted()
        func fault(_ key: String?, _ message: String) -> [BlockFault] {
            [BlockFault(["healthcheck"] + (key.map { [$0] } ?? []), message)]
        }
        if check["disable"] == .bool(true) {
            return keys.filter { $0 != "disable" }.flatMap {
                fault($0, "`\($0)` says nothing where `disable` is true: keep one")
            }
        }
        if keys.allSatisfy({ $0 == "disable" }) {
            return fault(nil, "`healthcheck` says nothing: write `test`, `shell`, or what differs from the image's own")
        }
        if check["test"] == .list([]) { return fault("test", "`test` is empty: write a command and its arguments") }
        if check["test"] != .null, check["shell"] != .null {
            return fault("shell", "`test` and `shell` exclude each other: keep one")
        }
        return []
    }

    private static func network(_ block: Value) -> [BlockFault] {
        let hasNetworks = !block["networks"].list.isEmpty
        var faults: [BlockFault] = []
        if block["network_mode"] != .null, hasNetworks {
            faults.append(BlockFault(["network_mode"], "`network_mode` and `networks` exclude each other: keep one"))
        }
        if !block["aliases"].list.isEmpty, !hasNetworks {
            faults.append(BlockFault(["aliases"], "`aliases` are names in `networks`, and there are none: name one"))
        }
        switch block["network_mode"].string {
        case "none" where !block["ports"].list.isEmpty:
            faults.append(BlockFault(["ports"], "no port can be published with `network_mode: none`: leave them out"))
        case "host":
            let mapped = block["ports"].list.contains { port in
                port["address"] != .null || port["host"] != .null && port["host"] != port["container"]
            }
            if mapped {
                faults.append(
                    BlockFault(
                        ["ports"],
                        "with `network_mode: host` the program itself listens: of `ports` only `container` means "
                            + "something"))
            }
        default: break
        }
        return faults
    }

    private static func others(_ block: Value) -> [BlockFault] {
        var faults: [BlockFault] = []
        if block["max_retries"] != .null, block["restart"] != .string("on-failure") {
            faults.append(
                BlockFault(["max_retries"], "`max_retries` belongs to `restart: on-failure`: write that, too"))
        }
        if block["files_at"] != .null, block["files"].list.isEmpty {
            faults.append(BlockFault(["files_at"], "`files_at` says where `files` are, and there are none"))
        }
        for name in block["labels"].map.keys.sorted() where name.hasPrefix("reconcile.") {
            faults.append(BlockFault(["labels", name], "labels that begin with `reconcile.` are ours: rename it"))
        }
        return faults
    }
}
