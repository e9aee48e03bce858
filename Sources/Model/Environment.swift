/// A folder of manifests with a policy, as declared.
package struct Environment: Hashable, Sendable, Codable {
    /// The folder's name.
    package var name: String
    /// The folder, relative to the source's folder.
    package var folder: String
    /// What its `environment.yaml` says.
    package var policy: Policy
    /// The hosts there are; empty where none is named.
    package var inventory: Inventory
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
        name: String, folder: String, policy: Policy = Policy(), inventory: Inventory = Inventory(),
        workloads: [Workload] = [], notes: [String] = [], restraints: [Restraint] = [], afterPlace: Place = Place()
    ) {
        self.name = name
        self.folder = folder
        self.policy = policy
        self.inventory = inventory
        self.workloads = workloads
        self.notes = notes
        self.restraints = restraints
        self.afterPlace = afterPlace
    }
}

extension Environment {
    /// Reads what any version has written: what is not there keeps its default.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try values.decode(String.self, forKey: .name),
            folder: try values.decode(String.self, forKey: .folder),
            policy: try values.decode(Policy.self, forKey: .policy),
            inventory: try values.decodeIfPresent(Inventory.self, forKey: .inventory) ?? Inventory(),
            workloads: try values.decode([Workload].self, forKey: .workloads),
            notes: try values.decode([String].self, forKey: .notes),
            restraints: try values.decode([Restraint].self, forKey: .restraints),
            afterPlace: try values.decode(Place.self, forKey: .afterPlace))
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
