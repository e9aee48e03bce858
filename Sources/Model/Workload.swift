/// One deployable thing as the manifests declare it.
package struct Workload: Hashable, Sendable, Codable {
    /// Unique in its environment.
    package var name: String
    /// The driver's name.
    package var driver: String
    /// The block under the driver's name, checked against the driver's schema.
    package var block: Value
    /// Paths in the source, files or folders, that the block needs.
    package var filePaths: [String]
    /// How many instances.
    package var replicas: Int
    /// Workloads of the same environment that must be done before this one begins.
    package var dependsOn: [String]
    /// What decides that an instance is healthy, besides what the driver itself asks.
    package var health: Check?
    /// How changes are rolled out.
    package var rollout: RolloutPolicy
    /// What sends traffic to its instances: the block `traffic`, checked; nil where nothing does.
    package var traffic: Value?
    /// What is measured while a new version proves itself.
    package var monitors: [Monitor]
    /// Where the document stands: a path relative to the source's folder.
    package var file: String
    /// The line of its `name`, from 1.
    package var line: Int

    /// All parts.
    package init(
        name: String, driver: String, block: Value, filePaths: [String] = [], replicas: Int = 1,
        dependsOn: [String] = [], health: Check? = nil, rollout: RolloutPolicy = RolloutPolicy(), traffic: Value? = nil,
        monitors: [Monitor] = [], file: String = "", line: Int = 1
    ) {
        self.name = name
        self.driver = driver
        self.block = block
        self.filePaths = filePaths
        self.replicas = replicas
        self.dependsOn = dependsOn
        self.health = health
        self.rollout = rollout
        self.traffic = traffic
        self.monitors = monitors
        self.file = file
        self.line = line
    }

    /// The names of its instances, in order: `web-1`, `web-2`, ….
    package var instances: [String] { (0..<replicas).map { "\(name)-\($0 + 1)" } }
}
