/// How a workload's instances are changed.
package struct RolloutPolicy: Hashable, Sendable, Codable {
    /// The strategy's name as in the manifest.
    package enum Strategy: String, Hashable, Sendable, Codable, CaseIterable {
        case rolling, canary, recreate
        case blueGreen = "blue-green"
    }

    /// Which strategy compiles the change to steps.
    package var strategy: Strategy
    /// How many instances are worked on together.
    package var maxParallel: Share
    /// How long an instance must stay healthy without a break.
    package var minHealthyTime: TimeSpan
    /// How long an instance may take until it is healthy.
    package var healthyDeadline: TimeSpan
    /// How long a workload may go without an instance finishing.
    package var progressDeadline: TimeSpan

    /// All parts; the defaults are those of the manifest.
    package init(
        strategy: Strategy = .rolling, maxParallel: Share = .count(1), minHealthyTime: TimeSpan = .seconds(10),
        healthyDeadline: TimeSpan = .seconds(300), progressDeadline: TimeSpan = .seconds(600)
    ) {
        self.strategy = strategy
        self.maxParallel = maxParallel
        self.minHealthyTime = minHealthyTime
        self.healthyDeadline = healthyDeadline
        self.progressDeadline = progressDeadline
    }
}
