import Model

extension TimeSpan {
    /// The milliseconds of a checked duration, or what holds where it is not there.
    init(_ value: Value, default fallback: TimeSpan) {
        self = value.int.map { TimeSpan(milliseconds: Int64($0)) } ?? fallback
    }
}

extension Policy {
    /// From a value that was checked; what is not there keeps its default.
    init(manifest value: Value) {
        self.init()
        interval = TimeSpan(value["interval"], default: interval)
        onFailure = value["on_failure"].string.flatMap(OnFailure.init) ?? onFailure
        drift = value["drift"].string.flatMap(Drift.init) ?? drift
        if case .bool(let flag) = value["prune"] { prune = flag }
        maxDelete = value["max_delete"].string.flatMap { Share($0) } ?? maxDelete
        deadline = TimeSpan(value["deadline"], default: deadline)
        notify = value["notify"].list.compactMap { Text($0["command"]) }
        smoke = value["smoke"].list.compactMap { Check(manifest: $0, timeout: .seconds(10)) }
        after = value["after"].list.compactMap(\.string)
    }
}

extension Autoscaling {
    /// From a value that was checked; nil where there is none.
    init?(manifest value: Value) {
        guard let min = value["min"].int, let max = value["max"].int else { return nil }
        self.init(min: min, max: max, metric: ScalingMetric(manifest: value))
    }
}

extension ScalingMetric {
    /// From the value around it, which was checked; nil where nothing is measured.
    fileprivate init?(manifest value: Value) {
        guard let probe = Monitor.Probe(manifest: value["metric"], hasLimits: true),
            let target = Monitor.number(value["target"])
        else { return nil }
        self.init(
            name: value["name"].string ?? "metric", probe: probe, target: target,
            scaleUp: TimeSpan(value["scale_up"], default: .zero),
            scaleDown: TimeSpan(value["scale_down"], default: .seconds(300)),
            timeout: TimeSpan(value["timeout"], default: .seconds(5)))
    }
}

extension PluginSettings {
    /// From a value that was checked; what is not there keeps its default.
    init(manifest value: Value) {
        self.init(name: value["name"].string ?? "", path: value["path"].string)
        timeout = TimeSpan(value["timeout"], default: timeout)
        environment = value["env"].map.compactMapValues { Text($0) }
    }
}

extension Check {
    /// From a value that was checked.
    init?(manifest value: Value, timeout fallback: TimeSpan) {
        let probe: Probe
        if case .string(let path) = value["http"], path.hasPrefix("/"), let port = value["port"].int {
            probe = .port(port, path: path, expect: value["expect"].int)
        } else if let url = Text(value["http"]) {
            probe = .http(url: url, expect: value["expect"].int)
        } else if let address = Text(value["tcp"]) {
            probe = .tcp(address: address)
        } else if let command = Text(value["command"]) {
            probe = .command(command)
        } else {
            return nil
        }
        self.init(
            probe, timeout: TimeSpan(value["timeout"], default: fallback),
            interval: TimeSpan(value["interval"], default: .seconds(1)))
    }
}

extension ParsedFile.WorkloadPart {
    /// From a document that was checked.
    init(_ value: Value, _ document: YAMLNode, _ driver: DriverDescription, _ notices: [Notice]) {
        var block = value[driver.name]
        if driver.takesResources, value["resources"] != .null { block = block.with("resources", value["resources"]) }
        let place = document["name"]?.place ?? document.place
        workload = Workload(
            name: value["name"].string ?? "", driver: driver.name, block: block,
            filePaths: driver.filePaths(in: block), replicas: value["replicas"].int ?? 1,
            autoscaling: Autoscaling(manifest: value["autoscaling"]),
            dependsOn: value["depends_on"].list.compactMap(\.string),
            health: Check(manifest: value["health"], timeout: .seconds(1)),
            rollout: RolloutPolicy(manifest: value["rollout"]),
            traffic: value["traffic"] == .null ? nil : value["traffic"],
            isRoutedByDriver: driver.trafficKey.map { block[$0] != .null } ?? false,
            monitors: value["monitor"].list.compactMap { Monitor(manifest: $0) }, line: place.line)
        namePlace = place
        trafficPlace = document.entries.first { $0.key == "traffic" }?.place ?? place
        givesReplicas = value["replicas"] != .null
        namesStrategy = value["rollout"]["strategy"] != .null || value["rollout"]["steps"] != .null
        takesResources = driver.takesResources
        selection = driver.placement == .onHosts ? document["hosts"].map { HostSelection($0) } : nil
        batchBy = document["rollout"]?["batch_by"].flatMap { node in
            node.text.map { HostSelection.Word(text: $0, place: node.place) }
        }
        dependencyPlaces = document["depends_on"]?.items.map(\.place) ?? []
        self.notices = notices
    }
}

extension ParsedFile {
    /// Adds what the driver says of keys that mean nothing to it.
    static func notices(_ found: [Notice], _ document: YAMLNode, _ driver: DriverDescription) -> [Notice] {
        var notices = found
        if driver.takesResources { notices.removeAll { $0.path == "resources" } }
        guard !driver.ignoredRolloutKeys.isEmpty else { return notices }
        for (prefix, entries) in [("", document.entries), ("rollout.", document["rollout"]?.entries ?? [])] {
            for entry in entries {
                guard let sentence = driver.ignoredRolloutKeys[entry.key] else { continue }
                let path = prefix + entry.key
                notices.removeAll { $0.path == path }
                notices.append(Notice(path: path, place: entry.place, restrains: false, sentence: sentence))
            }
        }
        return notices.sorted { ($0.place.line, $0.place.column) < ($1.place.line, $1.place.column) }
    }
}
