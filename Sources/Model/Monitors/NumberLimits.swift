/// What a number must not fall below or rise above.
package struct NumberLimits: Hashable, Sendable, Codable {
    /// The least that is in order; nil for any.
    package var min: Double?
    /// The most that is in order; nil for any.
    package var max: Double?

    /// Both parts.
    package init(min: Double? = nil, max: Double? = nil) {
        self.min = min
        self.max = max
    }

    /// Whether there is no limit at all.
    package var isEmpty: Bool { min == nil && max == nil }

    /// How far a number is beyond a limit; nothing or less where it is in order.
    package func excess(_ number: Double) -> Double {
        Swift.max(max.map { number - $0 } ?? -.infinity, min.map { $0 - number } ?? -.infinity)
    }

    /// `at least 1`, `at most 5`.
    package var words: [String] {
        [min.map { "at least \(NumberText.shown($0))" }, max.map { "at most \(NumberText.shown($0))" }]
            .compactMap { $0 }
    }
}
