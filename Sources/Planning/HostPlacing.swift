import Model

/// The same by name: one instance on each host that is selected, changed where it is. Who cannot be seen is left out.
struct HostPlacing: Placed {
    private(set) var staying: [Difference.Item] = []
    private(set) var starts: [Difference.Item] = []
    let leaving: [Difference.Item] = []
    private(set) var removals: [Difference.Item] = []
    private(set) var vanished: [InstanceRecord] = []
    private(set) var seen: [(String, Observation)] = []
    private(set) var differsFromRecord: Bool
    private(set) var anyRunning = false

    /// `wanted` is what each instance shall run, by its name; `replaced` are instances of another driver that are there.
    init(
        _ workload: Workload, own: [InstanceRecord], replaced: [InstanceRecord], wanted: (String) -> Deployable?,
        observe: (InstanceKey) -> Observation
    ) {
        differsFromRecord = own.isEmpty || !replaced.isEmpty
        let records = Dictionary(own.map { ($0.instance, $0) }, uniquingKeysWith: { first, _ in first })
        let others = Dictionary(replaced.map { ($0.instance, $0) }, uniquingKeysWith: { first, _ in first })
        let names = workload.instances
        for (offset, name) in names.enumerated() {
            let observed = observe(InstanceKey(instance: name, driver: workload.driver))
            if case .unknown = observed { continue }
            guard let deployable = wanted(name) else { continue }
            let (record, other) = (records[name], others[name])
            if observed != .absent { anyRunning = true }
            var item = Difference.Item(instance: name, index: offset + 1, old: deployable)
            if observed == .running(deployable.digest.hex), other == nil {
                staying.append(item)
                continue
            }
            if record?.deployable.digest != deployable.digest || record?.digest == nil { differsFromRecord = true }
            seen.append((name, observed))
            item.old = other?.deployable ?? (observed == .absent ? nil : record?.deployable ?? deployable)
            item.isReplaced = other != nil
            starts.append(item)
        }
        let selected = Set(names)
        var going = replaced.filter { !selected.contains($0.instance) }
        for record in own where !selected.contains(record.instance) {
            switch observe(record.key) {
            case .absent: vanished.append(record)
            case .running: going.append(record)
            case .unknown: break
            }
        }
        if !going.isEmpty { differsFromRecord = true }
        removals = going.sorted { $0.instance > $1.instance }.map {
            Difference.Item(instance: $0.instance, index: $0.index, old: $0.deployable)
        }
    }
}
