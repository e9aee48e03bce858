import Model
import Planning

/// Small worlds for planning: workloads of a driver `shell` whose version is their digest.
enum Fixture {
    static func deployable(_ version: String, driver: String = "shell", health: Check? = nil) -> Deployable {
        Deployable(
            driver: driver, block: .map(["apply": .string("install \(version)")]), files: [],
            digest: Digest(ofText: driver + version), health: health)
    }

    static func workload(
        _ name: String, replicas: Int = 1, driver: String = "shell", after: [String] = [],
        rollout: RolloutPolicy = RolloutPolicy()
    ) -> Workload {
        Workload(name: name, driver: driver, block: .null, replicas: replicas, dependsOn: after, rollout: rollout)
    }

    static func desired(
        _ workloads: [Workload], version: String = "1", policy: Policy = Policy(), commit: String = "c1"
    ) -> Desired {
        var deployables: [String: Deployable] = [:]
        for workload in workloads {
            deployables[workload.name] = deployable(workload.name + version, driver: workload.driver)
        }
        return Desired(
            input: Input(tree: commit + version, paths: [:]), commit: commit,
            environment: Environment(name: "staging", folder: "staging", policy: policy, workloads: workloads),
            deployables: deployables, folderFiles: [])
    }

    /// What is recorded and seen when a desired state runs as it should.
    static func running(_ desired: Desired) -> (inventory: [InstanceRecord], seen: [InstanceKey: Observation]) {
        var inventory: [InstanceRecord] = []
        var seen: [InstanceKey: Observation] = [:]
        for workload in desired.environment.workloads {
            guard let deployable = desired.deployables[workload.name] else { continue }
            for (offset, instance) in workload.instances.enumerated() {
                inventory.append(
                    InstanceRecord(
                        workload: workload.name, instance: instance, index: offset + 1, deployable: deployable,
                        commit: desired.commit, digest: deployable.digest))
                seen[InstanceKey(instance: instance, driver: deployable.driver)] = .running(deployable.digest.hex)
            }
        }
        return (inventory, seen)
    }

    /// `good` is what was recorded as seen where nothing else is said.
    static func plan(
        _ desired: Desired, inventory: [InstanceRecord] = [], seen: [InstanceKey: Observation] = [:],
        good: Set<Digest>? = nil, allowDelete: Bool = false
    ) -> Planner.Result {
        Planner.plan(
            Circumstances(
                desired: desired, inventory: inventory, observations: seen,
                knownGood: good ?? Set(inventory.compactMap(\.digest)),
                allowDelete: allowDelete, asksHealth: { $0.health != nil }))
    }
}

/// A repeatable source of chance.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
