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
    /// The hosts of the inventory that it has an instance on each, in the order in which they are changed; nil where the
    /// driver places instances elsewhere.
    package var hosts: [String]?
    /// Limits within which the number of instances is not the manifest's to say; nil where `replicas` says it.
    package var autoscaling: Autoscaling?
    /// Workloads of the same environment that must be done before this one begins.
    package var dependsOn: [String]
    /// What decides that an instance is healthy, besides what the driver itself asks.
    package var health: Check?
    /// How changes are rolled out.
    package var rollout: RolloutPolicy
    /// What sends traffic to its instances: the block `traffic`, checked; nil where nothing does.
    package var traffic: Value?
    /// Whether its driver shares traffic out by itself.
    package var isRoutedByDriver: Bool
    /// What is measured while a new version proves itself.
    package var monitors: [Monitor]
    /// Where the document stands: a path relative to the source's folder.
    package var file: String
    /// The line of its `name`, from 1.
    package var line: Int

    /// All parts.
    package init(
        name: String, driver: String, block: Value, filePaths: [String] = [], replicas: Int = 1,
        hosts: [String]? = nil, autoscaling: Autoscaling? = nil, dependsOn: [String] = [], health: Check? = nil,
        rollout: RolloutPolicy = RolloutPolicy(), traffic: Value? = nil, isRoutedByDriver: Bool = false,
        monitors: [Monitor] = [], file: String = "", line: Int = 1
    ) {
        self.name = name
        self.driver = driver
        self.block = block
        self.filePaths = filePaths
        self.replicas = replicas
        self.hosts = hosts
        self.autoscaling = autoscaling
        self.dependsOn = dependsOn
        self.health = health
        self.rollout = rollout
        self.traffic = traffic
        self.isRoutedByDriver = isRoutedByDriver
        self.monitors = monitors
        self.file = file
        self.line = line
    }

    /// The names of its instances, in order: `web-1`, `web-2`, …, or `web@alpha`, `web@beta`, … where they are on hosts.
    package var instances: [String] {
        hosts.map { $0.map { instance(on: $0) } } ?? (0..<replicas).map { instance($0 + 1) }
    }

    /// The name of the instance of a number: `web-3`.
    package func instance(_ index: Int) -> String { "\(name)-\(index)" }

    /// The name of the instance on a host: `web@alpha`.
    package func instance(on host: String) -> String { "\(name)\(Workload.hostMark)\(host)" }

    /// What stands between a workload's name and a host's in an instance's name; no name holds it.
    package static let hostMark: Character = "@"

    /// Whether an instance of that name is on a host of the inventory.
    package static func isOnHost(_ instance: String) -> Bool { instance.contains(hostMark) }

    /// The names of all instances that may be there or may be started, each with its number; `recorded` as in `numbers`.
    package func places(
        _ placement: DriverDescription.Placement, recorded: some Sequence<Int>
    ) -> [(instance: String, index: Int)] {
        if let hosts { return hosts.enumerated().map { (instance(on: $1), $0 + 1) } }
        return numbers(placement, recorded: recorded).map { (instance($0), $0) }
    }

    /// The numbers of all instances that may be there or may be started, in order; `recorded` are those that were.
    package func numbers(_ placement: DriverDescription.Placement, recorded: some Sequence<Int>) -> [Int] {
        let most = max(replicas, autoscaling?.max ?? 0)
        let sides = placement == .sideBySide || rollout.strategy.hasTwoSides ? 2 : 1
        return Set(1..<(most * sides + 1)).union(recorded).sorted()
    }

    /// What its requests are shared out by: its `traffic` block, null where its driver does that itself, nil where nothing does.
    package var routing: Value? { traffic ?? (isRoutedByDriver ? .null : nil) }
}

extension Workload {
    /// Reads what any version has written: what is not there keeps its default.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try values.decode(String.self, forKey: .name),
            driver: try values.decode(String.self, forKey: .driver),
            block: try values.decode(Value.self, forKey: .block),
            filePaths: try values.decode([String].self, forKey: .filePaths),
            replicas: try values.decode(Int.self, forKey: .replicas),
            hosts: try values.decodeIfPresent([String].self, forKey: .hosts),
            autoscaling: try values.decodeIfPresent(Autoscaling.self, forKey: .autoscaling),
            dependsOn: try values.decode([String].self, forKey: .dependsOn),
            health: try values.decodeIfPresent(Check.self, forKey: .health),
            rollout: try values.decode(RolloutPolicy.self, forKey: .rollout),
            traffic: try values.decodeIfPresent(Value.self, forKey: .traffic),
            isRoutedByDriver: try values.decodeIfPresent(Bool.self, forKey: .isRoutedByDriver) ?? false,
            monitors: try values.decodeIfPresent([Monitor].self, forKey: .monitors) ?? [],
            file: try values.decode(String.self, forKey: .file), line: try values.decode(Int.self, forKey: .line))
    }
}
