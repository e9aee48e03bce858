import DriverKit
import Model

/// What a driver is tried with: a workload in up to two versions, and one that cannot be reached.
package struct ConformanceSample: Sendable {
    /// The workload's name.
    package var workload: String
    /// The version that is applied first.
    package var first: Deployable
    /// Another version of the same workload; without it, updates are not tried.
    package var second: Deployable?
    /// A workload whose place cannot be reached; without it, that is not tried.
    package var unreachable: Deployable?
    /// The folder that holds the files of all of them; absolute.
    package var folder: String
    /// How long an instance may take until it is healthy.
    package var healthyWithin: TimeSpan

    /// All parts.
    package init(
        workload: String, first: Deployable, second: Deployable? = nil, unreachable: Deployable? = nil, folder: String,
        healthyWithin: TimeSpan
    ) {
        self.workload = workload
        self.first = first
        self.second = second
        self.unreachable = unreachable
        self.folder = folder
        self.healthyWithin = healthyWithin
    }

    /// The environment in which everything happens.
    package static let environment = "conformance"

    /// An instance at a version.
    func target(_ deployable: Deployable, _ index: Int = 1) -> InstanceTarget {
        InstanceTarget(
            environment: Self.environment, workload: workload, instance: "\(workload)-\(index)", index: index,
            commit: String(repeating: "0", count: 40), deployable: deployable, folder: folder)
    }

    /// Every secret that it names.
    var secrets: Set<SecretReference> {
        [first, second, unreachable].compactMap { $0 }.reduce(into: []) { $0.formUnion($1.block.secrets) }
    }
}

extension Value {
    /// Every secret in it.
    fileprivate var secrets: Set<SecretReference> {
        switch self {
        case .secret(let reference): [reference]
        case .list(let items): items.reduce(into: []) { $0.formUnion($1.secrets) }
        case .map(let entries): entries.values.reduce(into: []) { $0.formUnion($1.secrets) }
        case .null, .bool, .int, .string: []
        }
    }
}
