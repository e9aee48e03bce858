/// Limits for a number of instances that is not the manifest's to say.
package struct Autoscaling: Hashable, Sendable, Codable {
    /// The fewest instances.
    package var min: Int
    /// The most instances.
    package var max: Int

    /// Both limits.
    package init(min: Int, max: Int) {
        self.min = min
        self.max = max
    }

    /// The count that is nearest to this one and within the limits.
    package func clamped(_ count: Int) -> Int { Swift.max(min, Swift.min(max, count)) }
}
