import Model

/// Desired against observed: what differs, what merely has to be written down, and what could not be seen.
package struct Comparison: Sendable {
    /// What differs and is to be acted on, by workload.
    package private(set) var differences: [Difference] = []
    /// Drift that the policy wants reported only.
    package private(set) var reported: [Change] = []
    /// Instances that are in place and whose record is missing or out of date: taken over without a step.
    package private(set) var adopted: [InstanceRecord] = []
    /// Recorded instances that are not wanted and are seen to be gone.
    package private(set) var vanished: [InstanceRecord] = []
    /// Workloads that are left alone, with the reason.
    package private(set) var untouched: [String: String] = [:]
    /// Workloads that git no longer has and that stay because of `prune: false`.
    package private(set) var kept: [String] = []

    private let circumstances: Circumstances
    private let recorded: [String: [InstanceRecord]]

    /// Compares everything.
    package init(_ circumstances: Circumstances) {
        self.circumstances = circumstances
        recorded = Dictionary(grouping: circumstances.inventory, by: \.workload)
        let workloads = circumstances.desired.environment.workloads
        findUntouched(workloads)
        for workload in workloads where untouched[workload.name] == nil { compare(workload) }
        let wanted = Set(workloads.map(\.name))
        for name in recorded.keys.sorted() where !wanted.contains(name) && untouched[name] == nil { retire(name) }
    }

    private func observation(_ key: InstanceKey) -> Observation { circumstances.observations[key] ?? .absent }

    /// Workloads with an unknown instance, and all that depend on them.
    private mutating func findUntouched(_ workloads: [Workload]) {
        var driver: [String: String] = [:]
        for workload in workloads { driver[workload.name] = workload.driver }
        for (name, keys) in keysByWorkload(workloads) {
            for key in keys {
                if case .unknown(let reason) = observation(key) {
                    untouched[name] = "\(key.instance) could not be seen: \(reason)"
                    break
                }
            }
        }
        var found = !untouched.isEmpty
        while found {
            found = false
            for workload in workloads where untouched[workload.name] == nil {
                if let cause = workload.dependsOn.first(where: { untouched[$0] != nil }) {
                    untouched[workload.name] = "it depends on \(cause), which could not be seen"
                    found = true
                }
            }
        }
    }

    private func keysByWorkload(_ workloads: [Workload]) -> [String: [InstanceKey]] {
        var keys = recorded.mapValues { $0.map(\.key).sorted { $0.instance < $1.instance } }
        for workload in workloads {
            keys[workload.name, default: []] += workload.instances.map {
                InstanceKey(instance: $0, driver: workload.driver)
            }
        }
        return keys
    }

    private mutating func compare(_ workload: Workload) {
        guard let deployable = circumstances.desired.deployables[workload.name] else { return }
        let records = recorded[workload.name] ?? []
        let own = Dictionary(
            records.filter { $0.deployable.driver == workload.driver }.map { ($0.instance, $0) },
            uniquingKeysWith: { first, _ in first })
        let foreign = records.filter { $0.deployable.driver != workload.driver }
        let replaced = foreign.filter { observation($0.key) != .absent }
        vanished += foreign.filter { observation($0.key) == .absent }

        var starts: [Difference.Item] = []
        var isCommit = !replaced.isEmpty || own.isEmpty
        var seen: [(String, Observation)] = []
        var anyRunning = false
        for (offset, instance) in workload.instances.enumerated() {
            let observed = observation(InstanceKey(instance: instance, driver: workload.driver))
            let record = own[instance]
            let old = replaced.first { $0.instance == instance }
            if observed != .absent { anyRunning = true }
            if observed == .running(deployable.digest.hex) && old == nil {
                adopt(workload, instance, offset + 1, deployable, record)
                continue
            }
            if record?.deployable.digest != deployable.digest || record?.digest == nil { isCommit = true }
            seen.append((instance, observed))
            let there = observed == .absent ? nil : record?.deployable ?? deployable
            starts.append(
                .init(
                    instance: instance, index: offset + 1, old: old?.deployable ?? there, isReplaced: old != nil))
        }
        let wanted = Set(workload.instances)
        let surplus = (Array(own.values) + replaced).filter { !wanted.contains($0.instance) }
        var removals: [Difference.Item] = []
        for record in surplus.sorted(by: { $0.index > $1.index }) {
            if observation(record.key) == .absent {
                vanished.append(record)
            } else {
                isCommit = true
                removals.append(
                    .init(instance: record.instance, index: record.index, old: record.deployable, isReplaced: false))
            }
        }
        guard !starts.isEmpty || !removals.isEmpty else { return }
        isCommit = isCommit && !circumstances.wasReached
        let action: Change.Action = !replaced.isEmpty ? .replace : own.isEmpty && !anyRunning ? .create : .update
        let change = Change(
            workload: workload.name, action: action, cause: isCommit ? .commit : .drift,
            fields: FieldDifference.fields(
                of: workload, deployable: deployable, action: action, isCommit: isCommit, records: records,
                seen: seen))
        if change.cause == .drift && circumstances.desired.environment.policy.drift == .report {
            reported.append(change)
        } else {
            differences.append(Difference(change: change, starts: starts, removals: removals))
        }
    }

    private mutating func adopt(
        _ workload: Workload, _ instance: String, _ index: Int, _ deployable: Deployable, _ record: InstanceRecord?
    ) {
        if let record, record.deployable == deployable, record.digest == deployable.digest { return }
        adopted.append(
            InstanceRecord(
                workload: workload.name, instance: instance, index: index, deployable: deployable,
                commit: circumstances.desired.commit, digest: deployable.digest))
    }

    private mutating func retire(_ name: String) {
        let records = (recorded[name] ?? []).sorted { $0.index > $1.index }
        let there = records.filter { observation($0.key) != .absent }
        vanished += records.filter { observation($0.key) == .absent }
        guard !there.isEmpty else { return }
        guard circumstances.desired.environment.policy.prune else {
            kept.append(name)
            return
        }
        let change = Change(
            workload: name, action: .delete, cause: circumstances.wasReached ? .drift : .commit,
            fields: [.init(path: "replicas", from: String(there.count), to: nil)])
        differences.append(
            Difference(
                change: change, starts: [],
                removals: there.map {
                    .init(instance: $0.instance, index: $0.index, old: $0.deployable, isReplaced: false)
                }))
    }
}
