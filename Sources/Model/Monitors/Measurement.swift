/// One time that a monitor was asked.
package struct Measurement: Hashable, Sendable, Codable {
    /// The monitor's name.
    package var monitor: String
    /// When the answer was there.
    package var at: Timestamp
    /// The new side's number; nil where there was none.
    package var value: Double?
    /// The old side's number; nil where there was none or none was asked for.
    package var baseline: Double?
    /// Whether it was in order. The reason is fit to be shown.
    package var verdict: Verdict

    /// All parts.
    package init(monitor: String, at: Timestamp, value: Double?, baseline: Double? = nil, verdict: Verdict) {
        self.monitor = monitor
        self.at = at
        self.value = value
        self.baseline = baseline
        self.verdict = verdict
    }
}
