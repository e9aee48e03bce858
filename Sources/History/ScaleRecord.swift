import Model

/// How many instances a workload that scales itself shall have, and what was last measured of it.
package struct ScaleRecord: Hashable, Sendable {
    /// The workload's name.
    package var workload: String
    /// The count in force.
    package var count: Int
    /// What was measured last, the average of its instances; nil where there was no data.
    package var value: Double?
    /// What followed from that, fit to be shown: one sentence.
    package var detail: String
    /// When it was measured.
    package var at: Timestamp
    /// Why the count is another than before, while not so many run yet.
    package var because: String?

    /// All parts.
    package init(
        workload: String, count: Int, value: Double?, detail: String, at: Timestamp, because: String? = nil
    ) {
        self.workload = workload
        self.count = count
        self.value = value
        self.detail = detail
        self.at = at
        self.because = because
    }
}
