import History
import Model
import Planning
import Processes

/// The workloads that scale themselves.
extension EnvironmentReconciler {
    /// Measures what may be scaled now.
    func measure(
        _ target: Desired, _ result: Planner.Result, _ stored: [ScaleRecord]
    ) async throws(StoreError) -> Scaling {
        let (store, name) = (parts.store, name)
        let autoscaler = Autoscaler(drivers: parts.drivers, materials: parts.materials, checker: parts.checker)
        return try await autoscaler.scaling(target, result, stored: stored, now: { WallClock.now() }) {
            workload throws(StoreError) in try await store.recommendations(name, workload: workload)
        }
    }

    /// Records what was measured where it leads to nothing.
    func remember(_ scaling: Scaling) async throws(StoreError) {
        let writes = scaling.writes(name)
        if !writes.isEmpty { try await parts.journal.commit(writes) }
    }
}
