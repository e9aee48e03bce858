/// One instance in the inventory: what was last done to it. It leaves the inventory only when its removal was observed.
package struct InstanceRecord: Hashable, Sendable, Codable {
    /// The workload's name.
    package var workload: String
    /// The instance's name, `web-1`.
    package var instance: String
    /// Counts from 1.
    package var index: Int
    /// What was last started there, whole.
    package var deployable: Deployable
    /// The commit it came from.
    package var commit: String
    /// What was last seen there; nil while a start has begun and was not seen to succeed.
    package var digest: Digest?

    /// All parts.
    package init(
        workload: String, instance: String, index: Int, deployable: Deployable, commit: String, digest: Digest?
    ) {
        self.workload = workload
        self.instance = instance
        self.index = index
        self.deployable = deployable
        self.commit = commit
        self.digest = digest
    }
}
