import History
import Model

/// Where a step's monitors record what they measure, and read what an earlier process measured.
struct MeasurementLog: Sendable {
    /// What was recorded so far.
    var earlier: @Sendable () async -> [Measurement]
    /// Records more; false where that could not be done.
    var record: @Sendable ([Measurement]) async -> Bool

    /// Records nothing and knows nothing.
    static let none = MeasurementLog(earlier: { [] }, record: { _ in true })

    private init(
        earlier: @escaping @Sendable () async -> [Measurement],
        record: @escaping @Sendable ([Measurement]) async -> Bool
    ) {
        self.earlier = earlier
        self.record = record
    }

    init(_ store: Store, _ journal: Journal, reconcile: Int, step: Int) {
        self.init(
            earlier: { ((try? await store.measurements(reconcile, step: step)) ?? []).map(\.measurement) },
            record: { (try? await journal.commit([.measured(reconcile: reconcile, step: step, $0)])) != nil })
    }
}
