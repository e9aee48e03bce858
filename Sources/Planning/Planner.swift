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
            notes: desired.environment.notes, untouched: comparison.untouched,
            unreachable: comparison.unreachable.isEmpty ? nil : comparison.unreachable,
            losable: comparison.losable.isEmpty ? nil : comparison.losable)
        plan.changes = (comparison.differences.map(\.change) + comparison.reported).sorted { $0.workload < $1.workload }
        plan.notes += comparison.kept.map { "\($0) is no longer in git and stays, because of prune: false" }
        plan.gates = gates(circumstances, comparison)
        var compiler = PlanCompiler(comparison.differences, circumstances)
        compiler.compile()
        if !plan.isRepair { plan.existing = compiler.existing() }
        plan.traffic = compiler.traffic
        plan.steps = compiler.builder.steps
        plan.deployables = compiler.builder.deployables
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
}
