/// Limits for a number of instances that is not the manifest's to say.
package struct Autoscaling: Hashable, Sendable, Codable {
    /// The fewest instances.
    package var min: Int
    /// The most instances.
    package var max: Int

    /// What decides within the limits; nil where somebody else does.
    package var metric: ScalingMetric?

    /// All parts.
    package init(min: Int, max: Int, metric: ScalingMetric? = nil) {
        self.min = min
        self.max = max
        self.metric = metric
    }

    /// The count that is nearest to this one and within the limits.
    package func clamped(_ count: Int) -> Int { Swift.max(min, Swift.min(max, count)) }
}
