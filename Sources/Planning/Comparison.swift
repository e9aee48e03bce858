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
    /// Instances on hosts that are out of reach while the others of their workload are acted on, with the reason.
    package private(set) var unreachable: [String: String] = [:]
    /// How many more of a workload may get out of reach, by workload; only of those on hosts.
    package private(set) var losable: [String: Int] = [:]
    /// Workloads that git no longer has and that stay because of `prune: false`.
    package private(set) var kept: [String] = []

    /// The instances of each workload that has all it needs and nothing more.
    package private(set) var settled: [String: [Difference.Item]] = [:]

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

    private func isThere(_ key: InstanceKey) -> Bool {
        if case .running = observation(key) { return true }
        return false
    }

    /// Workloads with an unknown instance, and all that depend on them.
    private mutating func findUntouched(_ workloads: [Workload]) {
        var driver: [String: String] = [:]
        for workload in workloads { driver[workload.name] = workload.driver }
        for case let (name, .unknown(reason)) in circumstances.routes {
            untouched[name] = "its routes could not be seen: \(reason)"
        }
        let policies = Dictionary(workloads.map { ($0.name, $0.rollout) }, uniquingKeysWith: { first, _ in first })
        for (name, keys) in keysByWorkload(workloads) {
            let (onHosts, others) = (keys.filter(\.isOnHost), keys.filter { !$0.isOnHost })
            for key in others {
                if case .unknown(let reason) = observation(key) {
                    untouched[name] = "\(key.instance) could not be seen: \(reason)"
                    break
                }
            }
            if !onHosts.isEmpty { findUnreachable(name, Set(onHosts), policies[name] ?? RolloutPolicy()) }
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

    /// Who on a host cannot be seen holds up no other, up to `max_unreachable`.
    private mutating func findUnreachable(_ name: String, _ keys: Set<InstanceKey>, _ rollout: RolloutPolicy) {
        var unknown: [String: String] = [:]
        for key in keys {
            if case .unknown(let reason) = observation(key) { unknown[key.instance] = reason }
        }
        let limit = rollout.maxUnreachable
        guard !limit.isExceeded(by: unknown.count, of: keys.count), unknown.count < keys.count else {
            let first = unknown.min { $0.key < $1.key }.map { ": \($0.key): \($0.value)" } ?? ""
            untouched[name] =
                unknown.count == keys.count
                ? "none of its hosts can be seen" + first
                : "\(unknown.count) of its \(keys.count) hosts cannot be seen, more than max_unreachable \(limit)"
                    + first
            return
        }
        unreachable.merge(unknown) { first, _ in first }
        losable[name] = limit.part(of: keys.count) - unknown.count
    }

    private func keysByWorkload(_ workloads: [Workload]) -> [String: [InstanceKey]] {
        var keys = recorded.mapValues { $0.map(\.key).sorted { $0.instance < $1.instance } }
        for workload in workloads {
            let recorded = (recorded[workload.name] ?? []).map(\.index)
            keys[workload.name, default: []] += workload.places(
                circumstances.placement(workload.driver), recorded: recorded
            ).map { InstanceKey(instance: $0.instance, driver: workload.driver) }
        }
        return keys
    }

    private mutating func compare(_ workload: Workload) {
        let desired = circumstances.desired
        let instances = workload.instances
        guard
            let deployable = instances.first.map({ desired.deployable(of: workload, instance: $0) })
                ?? desired.deployables[workload.name]
        else { return }
        let records = recorded[workload.name] ?? []
        let own = records.filter { $0.deployable.driver == workload.driver }
        let foreign = records.filter { $0.deployable.driver != workload.driver }
        let replaced = foreign.filter { isThere($0.key) }.sorted { $0.index < $1.index }
        let count = count(of: workload)
        let placing: any Placed =
            workload.hosts != nil
            ? HostPlacing(
                workload, own: own, replaced: replaced,
                wanted: { desired.deployable(of: workload, instance: $0) }, observe: { observation($0) })
            : Placing(
                workload, deployable, count: count, isSideBySide: isSideBySide(workload), own: own, replaced: replaced,
                observe: { [circumstances] index in
                    let key = InstanceKey(instance: workload.instance(index), driver: workload.driver)
                    return circumstances.observations[key] ?? .absent
                })
        vanished += foreign.filter { observation($0.key) == .absent } + placing.vanished
        let ownByName = Dictionary(own.map { ($0.instance, $0) }, uniquingKeysWith: { first, _ in first })
        for item in placing.staying {
            adopt(workload, item, item.old ?? deployable, ownByName[item.instance])
        }
        var difference = Difference(
            change: Change(workload: workload.name, action: .update, cause: .drift, fields: []), count: count,
            starts: placing.starts, leaving: placing.leaving, staying: placing.staying, removals: placing.removals,
            existing: existing(records, placing.staying))
        difference.unseen = unseen(workload, own)
        difference.existing.removeAll { item in
            difference.unseen.contains { $0.instance == item.instance } && !isServing(item.instance, of: workload)
        }
        let isSettled = difference.starts.isEmpty && difference.leaving.isEmpty && difference.removals.isEmpty
        let routes = routes(of: workload, difference)
        difference.isUneven = !routes.isEmpty
        difference.formers = circumstances.formers(of: workload)
        let moved = difference.formers.map { former in
            Change.Field(
                path: "traffic", from: BalancerPlace.text(of: former), to: workload.routing.map(BalancerPlace.text))
        }
        let unproven = unproven(workload, placing.staying, own)
        difference.isUnproven = !unproven.isEmpty
        guard !isSettled || difference.isUneven || !moved.isEmpty || difference.isUnproven else {
            settled[workload.name] = placing.staying
            return
        }
        let because = isSettled || !circumstances.wasReached ? nil : circumstances.because[workload.name]
        let isCommit = because != nil || (isSettled || placing.differsFromRecord) && !circumstances.wasReached
        let action: Change.Action =
            !replaced.isEmpty ? .replace : own.isEmpty && !placing.anyRunning ? .create : .update
        difference.change = Change(
            workload: workload.name, action: action, cause: isCommit ? .commit : .drift,
            fields: isSettled
                ? moved + routes + unproven
                : moved
                    + FieldDifference.fields(
                        of: workload, wanted: { desired.deployable(of: workload, instance: $0) ?? deployable },
                        count: count, action: action, isCommit: isCommit, records: records, seen: placing.seen),
            because: because)
        // A host that was out of reach was never brought to what is wanted: catching up is no repair of drift.
        let isCatchingUp = workload.hosts != nil && placing.differsFromRecord
        if difference.change.cause == .drift && desired.environment.policy.drift == .report && !isCatchingUp {
            reported.append(difference.change)
        } else {
            differences.append(difference)
        }
    }

    private func isSideBySide(_ workload: Workload) -> Bool {
        workload.rollout.strategy.hasTwoSides || circumstances.placement(workload.driver) == .sideBySide
    }

    /// How many instances are wanted. Within the limits of `autoscaling` it is what the record keeps. Where it keeps nothing,
    /// all that run count, and those that were recorded as running and are gone: they are started again.
    private func count(of workload: Workload) -> Int {
        let isKnown = circumstances.previous?.workloads.contains { $0.name == workload.name } ?? false
        let known = Dictionary(
            (recorded[workload.name] ?? []).map { ($0.key, $0.digest) }, uniquingKeysWith: { $1 })
        var there: [String: Int] = [:]
        for index in workload.numbers(
            circumstances.placement(workload.driver), recorded: (recorded[workload.name] ?? []).map(\.index))
        {
            let key = InstanceKey(instance: workload.instance(index), driver: workload.driver)
            if let digest = known[key] ?? nil {
                there[digest.hex, default: 0] += 1
            } else if case .running(let text) = observation(key) {
                there[text, default: 0] += 1
            }
        }
        return workload.count(
            kept: circumstances.counts[workload.name], versions: isKnown ? Array(there.values) : nil)
    }

    /// What the balancer does otherwise than to share equally among those that are there.
    private func routes(of workload: Workload, _ difference: Difference) -> [Change.Field] {
        guard workload.routing != nil, case .seen(let shares)? = circumstances.routes[workload.name] else { return [] }
        let there =
            difference.staying + difference.leaving + difference.removals + difference.starts.filter { $0.old != nil }
            + difference.unseen.filter { shares[$0.instance] ?? 0 > 0 }
        return RouteDifference.fields(shares, members: there.map(\.instance))
    }

    /// Who cannot be seen on its host and is still wanted there.
    private func unseen(_ workload: Workload, _ own: [InstanceRecord]) -> [Difference.Item] {
        guard workload.hosts != nil, workload.routing != nil else { return [] }
        let wanted = Set(workload.instances)
        return own.filter { wanted.contains($0.instance) && unreachable[$0.instance] != nil }.sorted {
            $0.index < $1.index
        }.map { .init(instance: $0.instance, index: $0.index, old: $0.deployable) }
    }

    /// Whether any balancer was seen to send requests there; true where nobody has looked.
    private func isServing(_ instance: String, of workload: Workload) -> Bool {
        guard case .seen(let shares)? = circumstances.routes[workload.name] else { return true }
        let others = circumstances.elsewhere[workload.name] ?? [:]
        return ([shares] + others.values).contains { $0[instance] ?? 0 > 0 }
    }

    /// Names what was started for what is wanted and never proved itself: its rollout was superseded, or it failed and had no
    /// way back. What was found without a record is taken as it is.
    private func unproven(
        _ workload: Workload, _ staying: [Difference.Item], _ own: [InstanceRecord]
    ) -> [Change.Field] {
        // While something cannot be seen nothing is good, and whatever proves itself would have to again and again.
        guard !circumstances.wasReached, untouched.isEmpty else { return [] }
        let started = Dictionary(
            own.map { ($0.instance, $0.deployable.digest) }, uniquingKeysWith: { first, _ in first })
        let fields = staying.compactMap { item -> Change.Field? in
            guard let digest = item.old?.digest, started[item.instance] == digest,
                !circumstances.knownGood.contains(digest)
            else { return nil }
            return .init(
                path: workload.hosts == nil ? "digest" : item.instance, from: "\(digest.short), not proven",
                to: digest.short)
        }
        return workload.hosts == nil ? Array(fields.prefix(1)) : fields
    }

    /// Everything of a workload that runs, with what it was last brought to.
    private func existing(_ records: [InstanceRecord], _ staying: [Difference.Item]) -> [Difference.Item] {
        let names = Set(staying.map(\.instance))
        let driver = staying.first?.old?.driver
        return staying
            + records.filter {
                observation($0.key) != .absent && !(names.contains($0.instance) && $0.deployable.driver == driver)
            }.map { .init(instance: $0.instance, index: $0.index, old: $0.deployable) }
    }

    private mutating func adopt(
        _ workload: Workload, _ item: Difference.Item, _ deployable: Deployable, _ record: InstanceRecord?
    ) {
        var deployable = deployable
        if deployable.pin == nil { deployable.pin = record?.deployable.pin }
        if let record, record.deployable == deployable, record.digest == deployable.digest { return }
        adopted.append(
            InstanceRecord(
                workload: workload.name, instance: item.instance, index: item.index, deployable: deployable,
                commit: circumstances.desired.commit, digest: deployable.digest))
    }

    private mutating func retire(_ name: String) {
        let records = (recorded[name] ?? []).sorted { $0.index > $1.index }
        let there = records.filter { isThere($0.key) }
        vanished += records.filter { observation($0.key) == .absent }
        guard !there.isEmpty else { return }
        guard circumstances.desired.environment.policy.prune else {
            kept.append(name)
            return
        }
        let change = Change(
            workload: name, action: .delete, cause: circumstances.wasReached ? .drift : .commit,
            fields: [.init(path: "replicas", from: String(there.count), to: nil)])
        let items = there.map { Difference.Item(instance: $0.instance, index: $0.index, old: $0.deployable) }
        differences.append(
            Difference(change: change, count: 0, starts: [], removals: items, existing: items))
    }
}

extension InstanceKey {
    /// Whether the instance is on a host of the inventory.
    fileprivate var isOnHost: Bool { Workload.isOnHost(instance) }
}
