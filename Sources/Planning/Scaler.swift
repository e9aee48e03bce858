import Model

/// How many instances a workload needs for what was measured of it, as Kubernetes' horizontal pod autoscaler documents it.
package enum Scaler {
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

    /// What follows from one measurement.
    package struct Decision: Hashable, Sendable {
        /// How many instances there shall be.
        package var count: Int
        /// What is to be kept of it.
        package var recommendations: [Recommendation]
        /// What was measured, what is wanted, and what keeps it from going there at once.
        package var sentence: String
    }

    /// Decides. Where nothing was recommended within the windows, what there is counts as recommended before: a first
    /// measurement, or one after a long rest, has no more to say than its window allows.
    package static func decide(
        _ limits: Autoscaling, _ metric: ScalingMetric, current: Int, value: Double, earlier: [Recommendation],
        now: Timestamp
    ) -> Decision {
        var earlier = kept(earlier, metric: metric, now: now)
        var more: [Recommendation] = []
        if earlier.isEmpty { more.append(Recommendation(at: now + TimeSpan(milliseconds: -1), count: current)) }
        let newest = Recommendation(
            at: now, count: recommended(limits, current: current, value: value, target: metric.target))
        more.append(newest)
        earlier += more
        let count = count(limits, current: current, recommendations: earlier, metric: metric, now: now)
        var sentence =
            "\(metric.name) is \(NumberText.shown(value)) where \(NumberText.shown(metric.target)) is wanted"
        if newest.count < count {
            sentence += "; \(newest.count) would do, \(count) were needed within \(metric.scaleDown)"
        } else if newest.count > count {
            sentence += "; \(newest.count) would do, \(count) were enough within \(metric.scaleUp)"
        } else if count == limits.max, value > metric.target * (1 + tolerance) {
            sentence += "; \(count) is the most"
        } else if count == limits.min, value < metric.target * (1 - tolerance) {
            sentence += "; \(count) is the least"
        }
        return Decision(count: count, recommendations: more, sentence: sentence)
    }
}
