/// What manifests need to know of a driver.
package struct DriverDescription: Sendable {
    /// Where a workload's instances are, and whether an old and a new version can run beside each other.
    package enum Placement: Sendable {
        /// Instances are 1 to `replicas`, and each is changed where it is.
        case inPlace
        /// Any number names a place: new instances take free ones.
        case sideBySide
        /// One on each host of the inventory that the workload's `hosts` selects; each is changed where it is.
        case onHosts
    }

    /// Its name: what `driver:` says, and the key of its block.
    package var name: String
    /// What its block may hold.
    package var block: [Schema.Field]
    /// Whether the block may hold any other keys, too.
    package var isOpen: Bool
    /// Keys of `rollout` and of the workload that mean nothing to it, each with the sentence that says so in the plan.
    package var ignoredRolloutKeys: [String: String]
    /// Where instances are, and whether versions can run beside each other.
    package var placement: Placement
    /// The key of its block whose presence says that the driver shares traffic out itself; nil where none does.
    package var trafficKey: String?
    /// What an instance has on its host for itself alone, such as paths, by its placed block: no two workloads may name the
    /// same there, nor a path inside one of another.
    package var claims: @Sendable (Value) -> [String]
    /// Whether a workload's `resources` means something to it; then it stands in the block, too.
    package var takesResources: Bool
    /// What is wrong with a block whose every key is right by itself, such as two that exclude each other.
    package var faults: @Sendable (Value) -> [BlockFault]
    /// The paths in the source that a block names, where they do not stand in its `files` as plain text.
    package var paths: (@Sendable (Value) -> [String])?

    /// All parts.
    package init(
        name: String, block: [Schema.Field], isOpen: Bool = false, ignoredRolloutKeys: [String: String] = [:],
        placement: Placement = .inPlace, trafficKey: String? = nil, takesResources: Bool = false,
        claims: @escaping @Sendable (Value) -> [String] = { _ in [] },
        paths: (@Sendable (Value) -> [String])? = nil,
        faults: @escaping @Sendable (Value) -> [BlockFault] = { _ in [] }
    ) {
        self.name = name
        self.block = block
        self.isOpen = isOpen
        self.ignoredRolloutKeys = ignoredRolloutKeys
        self.placement = placement
        self.trafficKey = trafficKey
        self.takesResources = takesResources
        self.claims = claims
        self.paths = paths
        self.faults = faults
    }

    /// What stands under the driver's name.
    package var schema: Schema { isOpen ? .open(block) : .object(block) }

    /// The paths in the source that a block names.
    package func filePaths(in block: Value) -> [String] {
        paths?(block) ?? block["files"].list.compactMap(\.string)
    }
}
