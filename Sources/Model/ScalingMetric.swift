/// What is measured of a workload to find how many instances it needs.
package struct ScalingMetric: Hashable, Sendable, Codable {
    /// What it is called in reasons.
    package var name: String
    /// What is measured of each instance, or of all together; the average counts.
    package var probe: Monitor.Probe
    /// What the average of an instance shall be.
    package var target: Double
    /// Of the counts that were recommended in this time, the lowest is scaled up to.
    package var scaleUp: TimeSpan
    /// Of the counts that were recommended in this time, the highest is scaled down to.
    package var scaleDown: TimeSpan
    /// How long one answer may take.
    package var timeout: TimeSpan

    /// All parts; the defaults are those of the manifest.
    package init(
        name: String = "metric", probe: Monitor.Probe, target: Double, scaleUp: TimeSpan = .zero,
        scaleDown: TimeSpan = .seconds(300),
        timeout: TimeSpan = .seconds(5)
    ) {
        self.name = name
        self.probe = probe
        self.target = target
        self.scaleUp = scaleUp
        self.scaleDown = scaleDown
        self.timeout = timeout
    }

    /// As a monitor that is asked once.
    package var monitor: Monitor { Monitor(name: name, probe: probe, timeout: timeout) }
}

extension ScalingMetric {
    /// Reads what any version has written: a metric without a name has the usual one.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try values.decodeIfPresent(String.self, forKey: .name) ?? "metric",
            probe: try values.decode(Monitor.Probe.self, forKey: .probe),
            target: try values.decode(Double.self, forKey: .target),
            scaleUp: try values.decode(TimeSpan.self, forKey: .scaleUp),
            scaleDown: try values.decode(TimeSpan.self, forKey: .scaleDown),
            timeout: try values.decode(TimeSpan.self, forKey: .timeout))
    }
}
