import Model

/// How many instances a workload needs for what was measured of it, as Kubernetes' horizontal pod autoscaler documents it.
package enum Scaler {
    /// How many were recommended, and when.
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

    /// A measured value that differs from the target by no more than this share changes nothing.
    package static let tolerance = 0.1

    /// How many instances would bring the average of each to the target, within the limits. `current` have `value` each.
    package static func recommended(_ limits: Autoscaling, current: Int, value: Double, target: Double) -> Int {
        guard value.isFinite, target > 0 else { return limits.clamped(current) }
        let ratio = value / target
        // Ten percent more than 60 are a little more than 66 to a computer.
        if abs(ratio - 1) <= tolerance + 1e-9 { return limits.clamped(current) }
        let wanted = (Double(current) * ratio).rounded(.up)
        return limits.clamped(Int(min(max(wanted, 0), 1_000_000)))
    }

    /// How many instances there shall be now. Up it goes to the lowest recommendation of the last `scaleUp`, down to the
    /// highest of the last `scaleDown`, the newest included. The limits hold whatever was recommended.
    package static func count(
        _ limits: Autoscaling, current: Int, recommendations: [Recommendation], metric: ScalingMetric, now: Timestamp
    ) -> Int {
        guard let newest = recommendations.max(by: { $0.at < $1.at }) else { return limits.clamped(current) }
        func counts(_ span: TimeSpan) -> [Int] {
            [newest.count] + recommendations.filter { now - $0.at <= span }.map(\.count)
        }
        let up = counts(metric.scaleUp).min() ?? newest.count
        let down = counts(metric.scaleDown).max() ?? newest.count
        return limits.clamped(current < up ? up : current > down ? down : current)
    }

    /// The recommendations that may still count later.
    package static func kept(
        _ recommendations: [Recommendation], metric: ScalingMetric, now: Timestamp
    ) -> [Recommendation] {
        let span = max(metric.scaleUp, metric.scaleDown)
        return recommendations.filter { now - $0.at <= span && $0.at <= now }
    }
}
