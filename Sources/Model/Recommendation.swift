/// How many instances would do for what was measured of a workload, and when that was.
package struct Recommendation: Hashable, Sendable, Codable {
    /// When it was measured.
    package var at: Timestamp
    /// How many instances would do.
    package var count: Int

    /// Both parts.
    package init(at: Timestamp, count: Int) {
        self.at = at
        self.count = count
    }
}
