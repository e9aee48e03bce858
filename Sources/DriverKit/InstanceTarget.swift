import Model

/// One instance a driver is asked about, with everything it may need.
package struct InstanceTarget: Sendable {
    /// What the record says is in place, where that is another deployable than the wanted one.
    package struct Before: Sendable {
        /// What is recorded.
        package var deployable: Deployable
        /// A folder that holds its files, as `InstanceTarget.folder`.
        package var folder: String

        /// Both parts.
        package init(deployable: Deployable, folder: String) {
            self.deployable = deployable
            self.folder = folder
        }
    }

    /// The environment's name.
    package var environment: String
    /// The workload's name.
    package var workload: String
    /// The instance's name, `web-1`.
    package var instance: String
    /// Counts from 1.
    package var index: Int
    /// The share of traffic this instance's side should have, 0–100.
    package var weight: Int
    /// The commit the deployable came from.
    package var commit: String
    /// What is wanted there, or, for a removal, what was recorded there.
    package var deployable: Deployable
    /// A folder that holds the deployable's files, read-only; an empty folder where it has none.
    package var folder: String
    /// What is recorded there, for drivers that can only compare what they see; nil where it is the same, or nothing is.
    package var before: Before?
    /// Takes a line, fit to be shown, that says how far an act is; to be called at most a few times a second.
    package var tell: @Sendable (String) -> Void

    /// All parts.
    package init(
        environment: String, workload: String, instance: String, index: Int, weight: Int = 100, commit: String,
        deployable: Deployable, folder: String, before: Before? = nil,
        tell: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.environment = environment
        self.workload = workload
        self.instance = instance
        self.index = index
        self.weight = weight
        self.commit = commit
        self.deployable = deployable
        self.folder = folder
        self.before = before
        self.tell = tell
    }
}
