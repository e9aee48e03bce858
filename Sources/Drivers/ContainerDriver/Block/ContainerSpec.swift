import DriverKit
import Model
import Processes

/// What a block asks an engine to run: the body of the API's `create`.
struct ContainerSpec {
    let block: Value
    let target: InstanceTarget
    /// What the image is called for this engine: as in the block, or what it was pinned to.
    let image: String
    /// Who its container belongs to; nil where nothing is said of that.
    var owner: String?

    /// The body as JSON, secrets in it. It is not kept, and never printed.
    func body() throws(SecretError) -> [UInt8] {
        let json = Array(create.canonical.utf8.dropLast())
        var variables = [
            "RECONCILE_ENVIRONMENT=\(target.environment)", "RECONCILE_WORKLOAD=\(target.workload)",
            "RECONCILE_INSTANCE=\(target.instance)", "RECONCILE_INDEX=\(target.index)",
        ].map { Array($0.utf8) }
        for (name, value) in block["env"].map.sorted(by: { $0.key < $1.key }) {
            switch Text(value) {
            case .plain(let text): variables.append(Array("\(name)=\(text)".utf8))
            case .secret(let reference):
                variables.append(Array("\(name)=".utf8) + (try SecretReader.read(reference).withBytes { $0 }))
            case nil: break
            }
        }
        var body = json + Array(#","Env":["#.utf8)
        for (index, variable) in variables.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            body.appendJSON(variable)
        }
        return body + Array("]}".utf8)
    }

    /// The secrets of the block as far as they can be read now, so that nothing quotes them.
    static func secrets(_ block: Value) -> [Secret] {
        block["env"].map.values.compactMap { value in
            guard case .secret(let reference)? = Text(value) else { return nil }
            return try? SecretReader.read(reference)
        }
    }

    /// What hides them.
    static func redactor(_ block: Value) -> Redactor { Redactor(secrets(block)) }

    /// The networks beyond the first: the API takes one with `create`.
    var otherNetworks: [String] { block["networks"].list.dropFirst().compactMap(\.string) }

    /// The body of the API's `connect` for `otherNetworks`, and what stands for the first one with `create`.
    func endpoint(for id: String) -> [UInt8] {
        Array(Value.map(["Container": .string(id), "EndpointConfig": endpoint]).canonical.utf8)
    }

    private var endpoint: Value { .map(["Aliases": .list([.string(target.instance)] + block["aliases"].list)]) }

    private var create: Value {
        var entries: [String: Value] = ["Image": .string(image), "HostConfig": .map(host)]
        entries["Labels"] = .map(
            block["labels"].map.filter { !$0.key.hasPrefix("reconcile.") }.merging(
                ContainerLabels.all(target, owner: owner)
            ) { $1 })
        for (key, name) in [
            ("command", "Cmd"), ("entrypoint", "Entrypoint"), ("working_dir", "WorkingDir"), ("user", "User"),
            ("hostname", "Hostname"), ("stop_signal", "StopSignal"),
        ] where block[key] != .null {
            entries[name] = block[key]
        }
        if let grace = block["stop_grace"].int { entries["StopTimeout"] = .int((grace + 999) / 1000) }
        if block["healthcheck"] != .null { entries["Healthcheck"] = healthcheck(block["healthcheck"]) }
        let ports = block["ports"].list.map { ContainerSpec.port($0) }
        if !ports.isEmpty {
            entries["ExposedPorts"] = .map(Dictionary(ports.map { ($0, .map([:])) }) { first, _ in first })
        }
        if let first = block["networks"].list.first?.string {
            entries["NetworkingConfig"] = .map(["EndpointsConfig": .map([first: endpoint])])
        }
        return .map(entries)
    }

    private var host: [String: Value] {
        var entries: [String: Value] = [:]
        for (key, name) in [
            ("read_only", "ReadonlyRootfs"), ("cap_add", "CapAdd"), ("cap_drop", "CapDrop"), ("init", "Init"),
            ("extra_hosts", "ExtraHosts"),
        ] where block[key] != .null {
            entries[name] = block[key]
        }
        let mode = block["networks"].list.first?.string ?? block["network_mode"].string
        if let mode { entries["NetworkMode"] = .string(mode) }
        if block["no_new_privileges"] == .bool(true) { entries["SecurityOpt"] = .list([.string("no-new-privileges")]) }
        if let policy = block["restart"].string {
            let retries = policy == "on-failure" ? block["max_retries"].int ?? 0 : 0
            entries["RestartPolicy"] = .map(["Name": .string(policy), "MaximumRetryCount": .int(retries)])
        }
        if block["logging"] != .null {
            entries["LogConfig"] = .map([
                "Type": block["logging"]["driver"], "Config": .map(block["logging"]["options"].map),
            ])
        }
        if let cpu = block["resources"]["cpu"].string.flatMap(Quantity.billionths) { entries["NanoCpus"] = .int(cpu) }
        if let memory = block["resources"]["memory"].string.flatMap(Quantity.whole) { entries["Memory"] = .int(memory) }
        if !mounts.isEmpty { entries["Mounts"] = .list(mounts) }
        let folders = block["tmpfs"].list.map { item -> (String, Value) in
            let size = item["size"].string.flatMap(Quantity.whole).map { "size=\($0)" }
            return (item["target"].string ?? "", .string(size ?? ""))
        }
        if !folders.isEmpty { entries["Tmpfs"] = .map(Dictionary(folders) { $1 }) }
        var bindings: [String: Value] = [:]
        for item in block["ports"].list {
            let binding = Value.map([
                "HostIp": .string(item["address"].string ?? "127.0.0.1"),
                "HostPort": .string(item["host"].int.map(String.init) ?? ""),
            ])
            bindings[ContainerSpec.port(item)] = .list((bindings[ContainerSpec.port(item)]?.list ?? []) + [binding])
        }
        if !bindings.isEmpty { entries["PortBindings"] = .map(bindings) }
        return entries
    }

    private var mounts: [Value] {
        let binds = block["mounts"].list.map { item in
            ContainerSpec.mount("bind", item["source"], item["target"], item["read_only"])
        }
        let volumes = block["volumes"].list.map { item in
            ContainerSpec.mount("volume", item["name"], item["target"], item["read_only"])
        }
        let place = block["files_at"].string ?? ContainerSpec.filesPlace
        let files = block["files"].list.compactMap(\.string).map { path in
            ContainerSpec.mount(
                "bind", .string(target.folder + "/" + path), .string(place + "/" + path), .bool(true))
        }
        return binds + volumes + files
    }

    private static let filesPlace = "/reconcile"

    private static func mount(_ type: String, _ source: Value, _ target: Value, _ readOnly: Value) -> Value {
        .map([
            "Type": .string(type), "Source": source, "Target": target,
            "ReadOnly": readOnly == .null ? .bool(false) : readOnly,
        ])
    }

    private static func port(_ item: Value) -> String {
        "\(item["container"].int ?? 0)/\(item["protocol"].string ?? "tcp")"
    }

    private func healthcheck(_ check: Value) -> Value {
        if check["disable"] == .bool(true) { return .map(["Test": .list([.string("NONE")])]) }
        var entries: [String: Value] = [:]
        if let line = check["shell"].string {
            entries["Test"] = .list([.string("CMD-SHELL"), .string(line)])
        } else if !check["test"].list.isEmpty {
            entries["Test"] = .list([.string("CMD")] + check["test"].list)
        }
        for (key, name) in [("interval", "Interval"), ("timeout", "Timeout"), ("start_period", "StartPeriod")] {
            if let milliseconds = check[key].int { entries[name] = .int(milliseconds * 1_000_000) }
        }
        if check["retries"] != .null { entries["Retries"] = check["retries"] }
        return .map(entries)
    }
}

extension [UInt8] {
    /// Appends a JSON string literal of bytes that are UTF-8 already.
    fileprivate mutating func appendJSON(_ bytes: [UInt8]) {
        let hex = Array<UInt8>("0123456789abcdef".utf8)
        append(UInt8(ascii: "\""))
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): self += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: self += Array("\\u00".utf8) + [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }
}
