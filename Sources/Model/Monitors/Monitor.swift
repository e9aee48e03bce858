/// One thing of a workload that is measured again and again while its new side proves itself.
package struct Monitor: Hashable, Sendable, Codable {
    /// What is measured. Each measurement gives one number for an instance or for a side, or no data.
    package enum Probe: Hashable, Sendable, Codable {
        /// Requests, and what came of them.
        case http(HTTPProbe)
        /// An instant query.
        case prometheus(PrometheusProbe)
        /// Run by `/bin/sh -c`: prints a number where `printsNumber`, else exits 0 (the number 0) or 1 (the number 1).
        case command(Text, printsNumber: Bool)
        /// What the driver's engine counts of an instance.
        case container(ContainerCount)
    }

    /// What an engine counts of a container.
    package enum ContainerCount: String, Hashable, Sendable, Codable, CaseIterable {
        /// How often it was started again after it had ended by itself.
        case restarts
        /// How often it was ended because it needed more memory than it may have.
        case memoryKills = "memory-kills"
    }

    /// Unique in its workload.
    package var name: String
    /// What is measured.
    package var probe: Probe
    /// What each number must be.
    package var limits: NumberLimits
    /// How the new side may differ from the old one; nil where they are not compared.
    package var baseline: BaselineLimits?
    /// The time from one measurement to the next.
    package var interval: TimeSpan
    /// How many measurements with data are needed, and after how many it is no longer asked; nil: one, and as many as
    /// there is time for.
    package var count: Int?
    /// How many failed measurements fail it, in all; nil where the total does not count.
    package var failures: Int?
    /// How many failed measurements in a row fail it; nil where the row does not count.
    package var consecutive: Int?
    /// How long it is not asked at first.
    package var initialDelay: TimeSpan
    /// How long one answer may take.
    package var timeout: TimeSpan

    /// All parts; the defaults are those of the manifest: the first failure fails it.
    package init(
        name: String, probe: Probe, limits: NumberLimits = NumberLimits(), baseline: BaselineLimits? = nil,
        interval: TimeSpan = .seconds(10), count: Int? = nil, failures: Int? = nil, consecutive: Int? = nil,
        initialDelay: TimeSpan = .zero, timeout: TimeSpan = .seconds(5)
    ) {
        self.name = name
        self.probe = probe
        self.limits = limits
        self.baseline = baseline
        self.interval = interval
        self.count = count
        self.failures = failures ?? (consecutive == nil ? 1 : nil)
        self.consecutive = consecutive
        self.initialDelay = initialDelay
        self.timeout = timeout
    }

    /// One line for people: `errors (prometheus, at most 0.01, every 10s)`; secrets not shown.
    package var text: String {
        let kind =
            switch probe {
            case .http: "http"
            case .prometheus: "prometheus"
            case .command: "command"
            case .container(let count): "container \(count.rawValue)"
            }
        let rules = [kind] + limits.words + (baseline?.words ?? []) + ["every \(interval)"]
        return "\(name) (\(rules.joined(separator: ", ")))"
    }
}

extension KeyedDecodingContainer {
    /// What was recorded before there were monitors has none.
    package func decode(_ type: [Monitor].Type, forKey key: Key) throws -> [Monitor] {
        try decodeIfPresent(type, forKey: key) ?? []
    }
}
