/// What manifests need to know of a driver.
package struct DriverDescription: Sendable {
    /// Its name: what `driver:` says, and the key of its block.
    package var name: String
    /// What its block may hold.
    package var block: [Schema.Field]
    /// Keys of `rollout` and of the workload that mean nothing to it, each with the sentence that says so in the plan.
    package var ignoredRolloutKeys: [String: String]

    /// All parts.
    package init(name: String, block: [Schema.Field], ignoredRolloutKeys: [String: String] = [:]) {
        self.name = name
        self.block = block
        self.ignoredRolloutKeys = ignoredRolloutKeys
    }

    /// The paths that a block's `files` names.
    package func filePaths(in block: Value) -> [String] { block["files"].list.compactMap(\.string) }
}
