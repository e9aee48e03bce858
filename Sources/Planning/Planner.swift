import Model

/// From circumstances to a plan: pure, and the only place where changes become steps.
package enum Planner {
    /// A plan and what has to be written down beside it.
    package struct Result: Sendable {
        /// What will be done.
        package var plan: Plan
        /// What was compared for it.
        package var comparison: Comparison
    }

    /// Plans one environment.
    package static func plan(_ circumstances: Circumstances) -> Result {
        let comparison = Comparison(circumstances)
        let desired = circumstances.desired
        var plan = Plan(
            environment: desired.environment.name, input: desired.input.id, commit: desired.commit,
            notes: desired.environment.notes, untouched: comparison.untouched)
        plan.changes = (comparison.differences.map(\.change) + comparison.reported).sorted { $0.workload < $1.workload }
        plan.notes += comparison.kept.map { "\($0) is no longer in git and stays, because of prune: false" }
        plan.gates = gates(circumstances, comparison)
        var builder = StepBuilder(asksHealth: circumstances.asksHealth)
        compile(comparison.differences, circumstances, into: &builder)
        plan.steps = builder.steps
        plan.deployables = builder.deployables
        return Result(plan: plan, comparison: comparison)
    }

    private static func gates(_ circumstances: Circumstances, _ comparison: Comparison) -> [Gate] {
        let environment = circumstances.desired.environment
        var gates = environment.restraints.map { Gate(name: $0.key, state: .waiting, reason: $0.reason) }
        let deletes = comparison.differences.filter { $0.change.action == .delete }.count
        let whole = Set(circumstances.inventory.map(\.workload)).count
        if environment.policy.maxDelete.isExceeded(by: deletes, of: whole) {
            let names = comparison.differences.filter { $0.change.action == .delete }.map(\.change.workload)
            let shown = names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : "")
            gates.append(
                Gate(
                    name: "max_delete", state: circumstances.allowDelete ? .passed : .waiting,
                    reason: "\(deletes) of \(whole) workloads would be deleted (\(shown)), more than max_delete "
                        + "\(environment.policy.maxDelete); run one pass with --allow-delete or raise max_delete"))
        }
        if !comparison.reported.isEmpty {
            let names = comparison.reported.map(\.workload).joined(separator: ", ")
            gates.append(
                Gate(
                    name: "drift", state: .waiting,
                    reason: "drift in \(names) is reported and not repaired, because of drift: report"))
        }
        return gates
    }

    /// Starts and updates by `depends_on`, then smoke tests, then everything that goes.
    private static func compile(
        _ differences: [Difference], _ circumstances: Circumstances, into builder: inout StepBuilder
    ) {
        let environment = circumstances.desired.environment
        let workloads = Dictionary(
            environment.workloads.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let trusted = differences.allSatisfy { difference in
            guard difference.change.action != .delete else { return true }
            return circumstances.desired.deployables[difference.change.workload].map {
                circumstances.knownGood.contains($0.digest)
            } ?? false
        }
        let byName = Dictionary(
            differences.map { ($0.change.workload, $0) }, uniquingKeysWith: { first, _ in first })
        var ends: [String: [Int]] = [:]
        for name in Order.sorted(Array(workloads.keys), dependencies: { workloads[$0]?.dependsOn ?? [] }) {
            guard let workload = workloads[name] else { continue }
            let before = Set(workload.dependsOn.flatMap { ends[$0] ?? [] }).sorted()
            guard let difference = byName[name], let deployable = circumstances.desired.deployables[name],
                !difference.starts.isEmpty
            else {
                ends[name] = before
                continue
            }
            let work = WorkloadWork(
                workload: name, rollout: workload.rollout,
                parallel: workload.rollout.maxParallel.parallel(of: workload.replicas),
                minHealthyTime: trusted ? .zero : workload.rollout.minHealthyTime,
                items: difference.starts.map {
                    .init(
                        instance: $0.instance, index: $0.index, old: $0.old, isReplaced: $0.isReplaced,
                        new: deployable)
                })
            ends[name] = strategy(workload.rollout.strategy).compile(work, after: before, into: &builder)
        }
        guard !differences.isEmpty else { return }
        let all = Set(builder.steps.map(\.id))
        let awaited = Set(builder.steps.flatMap(\.after))
        let smoked = builder.smokeTests(environment.policy.smoke, after: all.subtracting(awaited).sorted())
        remove(differences, workloads, circumstances, after: smoked, into: &builder)
    }

    /// Dependants go before what they depend on.
    private static func remove(
        _ differences: [Difference], _ workloads: [String: Workload], _ circumstances: Circumstances, after: [Int],
        into builder: inout StepBuilder
    ) {
        var previous: [String: [String]] = [:]
        for workload in circumstances.previous?.workloads ?? [] { previous[workload.name] = workload.dependsOn }
        let going = differences.filter { !$0.removals.isEmpty }
        let byName = Dictionary(going.map { ($0.change.workload, $0) }, uniquingKeysWith: { first, _ in first })
        let order = Order.sorted(
            going.map(\.change.workload), dependencies: { workloads[$0]?.dependsOn ?? previous[$0] ?? [] })
        var ends: [String: [Int]] = [:]
        for name in order.reversed() {
            guard let difference = byName[name] else { continue }
            let dependants = order.filter { (workloads[$0]?.dependsOn ?? previous[$0] ?? []).contains(name) }
            let before = Set(after + dependants.flatMap { ends[$0] ?? [] }).sorted()
            let rollout = workloads[name]?.rollout ?? RolloutPolicy()
            let work = WorkloadWork(
                workload: name, rollout: rollout,
                parallel: rollout.maxParallel.parallel(of: difference.removals.count), minHealthyTime: .zero,
                items: difference.removals.map {
                    .init(instance: $0.instance, index: $0.index, old: $0.old, isReplaced: false, new: nil)
                })
            ends[name] = Rolling().compile(work, after: before, into: &builder)
        }
    }
}
