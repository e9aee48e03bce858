/// How the number of the new side may differ from that of the old one, measured at the same time.
package struct BaselineLimits: Hashable, Sendable, Codable {
    /// The new side's number may be at most so many times the old one's; nil for any.
    package var maxRatio: Double?
    /// The new side's number must be at least so many times the old one's; nil for any.
    package var minRatio: Double?
    /// A difference that is no larger than this is always in order. Alone it is the limit: the new side's number may be
    /// larger than the old one's by at most so much.
    package var maxDifference: Double?

    /// All parts.
    package init(maxRatio: Double? = nil, minRatio: Double? = nil, maxDifference: Double? = nil) {
        self.maxRatio = maxRatio
        self.minRatio = minRatio
        self.maxDifference = maxDifference
    }

    /// Whether the new side's number is in order beside the old one's.
    package func allows(_ new: Double, beside old: Double) -> Bool {
        if abs(new - old) <= (maxDifference ?? 0) { return true }
        let most = maxRatio ?? (minRatio == nil ? 1 : .infinity)
        // A ratio of nothing is nothing, however large the ratio.
        let isTooLarge = most < .infinity && new > old * most
        return !isTooLarge && !(minRatio.map { new < old * $0 } ?? false)
    }

    /// `at most 1.5 times the baseline`, ….
    package var words: [String] {
        [
            maxRatio.map { "at most \(NumberText.shown($0)) times the baseline" },
            minRatio.map { "at least \(NumberText.shown($0)) times the baseline" },
            maxDifference.map {
                maxRatio == nil && minRatio == nil
                    ? "at most \(NumberText.shown($0)) over the baseline"
                    : "differences up to \(NumberText.shown($0)) allowed"
            },
        ].compactMap { $0 }
    }
}
