import History
import Model

/// One reconcile with all that hangs on it.
struct FullRecord: Sendable {
    var record: ReconcileRecord
    var changes: [Change]
    var steps: [StepRecord]
    var outputs: [OutputRecord]
    var measurements: [MeasurementRecord] = []

    /// Nil where there is none of that id.
    static func read(_ id: Int, from store: Store) async throws(StoreError) -> FullRecord? {
        guard let record = try await store.reconcile(id) else { return nil }
        return FullRecord(
            record: record, changes: try await store.changes(id), steps: try await store.steps(id),
            outputs: try await store.outputs(id), measurements: try await store.measurements(id))
    }

    /// The step that went wrong last; nil where none did.
    var failedStep: StepRecord? { steps.last { $0.state == .failed } }
}
