import Model

/// Undoes what a rollout touched, and nothing else: in reverse, back to the last good input. By count, as a plan is made:
/// who ran the good version before and was not touched stays, and who is not needed any more goes.
package enum Retreat {
    /// The steps back, numbered after the rollout's own, and what they refer to.
    package struct Result: Sendable {
        /// In the order in which they are shown.
        package var steps: [Step]
        /// What the steps' ids refer to.
        package var deployables: [Digest: Deployable]
    }

    /// Compiles the way back for a rollout whose running steps have ended. `realPaths` as in `Circumstances`.
    package static func compile(
        _ rollout: Rollout, to good: Desired, realPaths: [String: String] = [:],
        asksHealth: @escaping @Sendable (Deployable) -> Bool
    ) -> Result {
        let traces = Traces(of: rollout, realPaths: realPaths)
        var builder = StepBuilder(firstID: rollout.steps.count + 1, asksHealth: asksHealth)
        var last: [Int] = []
        // An earlier rollout, superseded by this one, may have moved what this one has not touched yet.
        let moved = traces.before.keys.sorted().filter { name in
            let home = good.environment.workloads.first { $0.name == name }?.routing.flatMap { traces.place(of: $0) }
            return !traces.workloads.contains(name) && traces.before[name].flatMap { traces.place(of: $0) } != home
        }
        for name in traces.workloads + moved {
            let workload = good.environment.workloads.first { $0.name == name }
            let work =
                workload.flatMap { onHosts($0, good, traces) } ?? work(name, workload, good.deployables[name], traces)
            let strategy: any Strategy = work.rollout.strategy.isExclusive ? Recreate() : Rolling()
            last = builder.carryOut(work, by: strategy, after: last)
        }
        if !traces.workloads.isEmpty { _ = builder.smokeTests(good.environment.policy.smoke, after: last) }
        return Result(steps: builder.steps, deployables: builder.deployables)
    }

    /// On hosts everyone that was touched goes back to what the last good input says of its own host; nil where the workload
    /// is not on hosts there.
    private static func onHosts(_ workload: Workload, _ good: Desired, _ traces: Traces) -> WorkloadWork? {
        guard let hosts = workload.hosts else { return nil }
        let touched = traces.touched(workload.name)
        var work = WorkloadWork(
            workload: workload.name, rollout: workload.rollout, count: hosts.count, parallel: 1, minHealthyTime: .zero,
            isTrusted: true, items: [], routing: workload.routing, hosts: HostBatches())
        let selected = Set(workload.instances)
        for one in touched {
            let isHome = selected.contains(one.key.instance) && one.key.driver == workload.driver
            let wanted = isHome ? good.deployable(of: workload, instance: one.key.instance) : nil
            if let wanted {
                work.items.append(one.item(new: wanted))
            } else if one.isThere {
                work.leaving.append(one.item(new: nil))
            }
        }
        let changed = Set(touched.map(\.key.instance))
        work.staying = traces.existing(workload.name).filter {
            selected.contains($0.key.instance) && !changed.contains($0.key.instance)
        }.map { .init(instance: $0.key.instance, index: $0.index, new: $0.deployable) }
        settle(&work, traces)
        return work
    }

    private static func work(
        _ name: String, _ workload: Workload?, _ good: Deployable?, _ traces: Traces
    ) -> WorkloadWork {
        let touched = traces.touched(name)
        var work = WorkloadWork(
            workload: name, rollout: workload?.rollout ?? RolloutPolicy(), count: touched.count, parallel: 1,
            minHealthyTime: .zero, isTrusted: true, items: [],
            routing: workload == nil ? traces.routing(name) : workload?.routing,
            hosts: touched.contains { Workload.isOnHost($0.key.instance) } ? HostBatches() : nil)
        if let workload, var good {
            let existing = traces.existing(name)
            let present = existing.filter { $0.deployable.driver == good.driver }
            let versions = Dictionary(grouping: present, by: \.deployable.digest).values.map(\.count)
            work.count = workload.count(versions: versions)
            // What ran is what was good, whatever a name that moves stands for by now.
            let ran = present.first { $0.deployable.digest == good.digest && $0.deployable.pin != nil }
            good.pin = ran?.deployable.pin ?? good.pin
            let keys = Set(touched.map(\.key))
            let home = present.filter { $0.deployable.digest == good.digest }
            var targets = Array(
                (home.filter { !keys.contains($0.key) } + home.filter { keys.contains($0.key) }).map(\.key)
                    .prefix(work.count))
            let known = Set(present.map(\.key))
            let fill = touched.filter { $0.key.driver == good.driver && !targets.contains($0.key) }
                .sorted { (known.contains($0.key) ? 0 : 1, $0.index) < (known.contains($1.key) ? 0 : 1, $1.index) }
            targets += fill.map(\.key).prefix(work.count - targets.count)
            work.items = touched.filter { targets.contains($0.key) }.map { $0.item(new: good) }
            for one in touched where !targets.contains(one.key) && one.isThere {
                let place = work.items.firstIndex { $0.instance == one.key.instance && $0.old == nil }
                if let place, one.key.driver != good.driver {
                    (work.items[place].old, work.items[place].isReplaced) = (one.deployable, true)
                } else {
                    work.leaving.append(one.item(new: nil))
                }
            }
            work.staying = home.filter { targets.contains($0.key) && !keys.contains($0.key) }.map {
                .init(instance: $0.key.instance, index: $0.index, new: good)
            }
        } else {
            let before = Dictionary(
                traces.existing(name).map { ($0.key, $0.deployable) }, uniquingKeysWith: { first, _ in first })
            work.items = touched.compactMap { one in before[one.key].map { one.item(new: $0) } }
            work.leaving = touched.filter { before[$0.key] == nil && $0.isThere }.map { $0.item(new: nil) }
        }
        settle(&work, traces)
        return work
    }

    /// How many together, and who is to get which traffic.
    private static func settle(_ work: inout WorkloadWork, _ traces: Traces) {
        let name = work.workload
        work.parallel = work.rollout.maxParallel.parallel(of: max(1, max(work.items.count, work.leaving.count)))
        work.leavesAtOnce = traces.wasSplit(name)
        work.isUneven = traces.wasRouted(name)
        let home = work.routing.flatMap { traces.place(of: $0) }
        work.formers = traces.traffic(name).filter { ![nil, home].contains(traces.place(of: $0)) }
        if let current = traces.current(name), traces.place(of: current) != home, current != .null {
            work.current = current
            if let routing = work.routing, !traces.isLeft(name, routing) { work.formers.append(routing) }
        } else if let routing = work.routing, traces.isLeft(name, routing) {
            // Nothing serves while its place is empty: whatever is good gets what there is.
            work.leavesAtOnce = true
        }
    }
}
