import Model

/// One time that a step's monitor was asked.
package struct MeasurementRecord: Hashable, Sendable {
    /// The reconcile's id.
    package var reconcile: Int
    /// The step's id.
    package var step: Int
    /// What was measured.
    package var measurement: Measurement

    /// All parts.
    package init(reconcile: Int, step: Int, measurement: Measurement) {
        self.reconcile = reconcile
        self.step = step
        self.measurement = measurement
    }
}
