import DriverKit
import Model

/// By what a container is known as ours. Nothing without all of them is ever stopped or removed.
enum ContainerLabels {
    static let environment = "reconcile.environment"
    static let workload = "reconcile.workload"
    static let instance = "reconcile.instance"
    static let digest = "reconcile.digest"
    static let owner = "reconcile.owner"

    /// What every container of an instance carries.
    static func all(_ target: InstanceTarget, owner name: String?) -> [String: Value] {
        let labels: [String: Value] = [
            environment: .string(target.environment), workload: .string(target.workload),
            instance: .string(target.instance), digest: .string(target.deployable.digest.hex),
            "reconcile.index": .string(String(target.index)), "reconcile.commit": .string(target.commit),
        ]
        guard let name, !name.isEmpty else { return labels }
        return labels.merging([owner: .string(name)]) { $1 }
    }

    /// What finds an instance, whatever runs there.
    static func finding(_ target: InstanceTarget) -> [String: String] {
        [environment: target.environment, workload: target.workload, instance: target.instance]
    }
}

extension InstanceTarget {
    /// The name of its container. A dot is in no part of it, so that no two instances share one.
    var containerName: String { "reconcile.\(environment).\(instance)" }
}
