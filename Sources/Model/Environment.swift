/// A folder of manifests with a policy, as declared.
package struct Environment: Hashable, Sendable, Codable {
    /// The folder's name.
    package var name: String
    /// The folder, relative to the source's folder.
    package var folder: String
    /// What its `environment.yaml` says.
    package var policy: Policy
    /// Sorted by name.
    package var workloads: [Workload]
    /// Keys that were accepted and are not acted on yet, a sentence each: shown with every plan.
    package var notes: [String]
    /// Keys that restrain and are not built yet: while there is one, nothing is done here.
    package var restraints: [Restraint]
    /// Where `after` stands in its `environment.yaml`, for problems that only show beside other environments.
    package var afterPlace: Place

    /// All parts.
    package init(
        name: String, folder: String, policy: Policy = Policy(), workloads: [Workload] = [], notes: [String] = [],
        restraints: [Restraint] = [], afterPlace: Place = Place()
    ) {
        self.name = name
        self.folder = folder
        self.policy = policy
        self.workloads = workloads
        self.notes = notes
        self.restraints = restraints
        self.afterPlace = afterPlace
    }
}

/// A safety key that this version cannot honour, so that the environment waits.
package struct Restraint: Hashable, Sendable, Codable {
    /// The key: `approval`, `windows`, `approval-gate`, ….
    package var key: String
    /// Why nothing is done and what would end it.
    package var reason: String

    /// Both parts.
    package init(key: String, reason: String) {
        self.key = key
        self.reason = reason
    }
}
