import DriverKit
import History
import Model
import Planning
import Traffic

/// Asks the drivers what is there, for everything that is wanted or recorded.
struct Observer: Sendable {
    let drivers: DriverRegistry
    let materials: Materials
    let router: Router

    /// Tells drivers of everything that is wanted in an environment or recorded, before they are asked anything of it.
    func prepare(_ all: [Deployable], of environment: String) async {
        for (name, group) in Dictionary(grouping: all, by: \.driver) {
            await drivers[name]?.prepare(group, of: environment)
        }
    }

    /// One answer for each instance. With `trustsRecord`, what the record says is in place is believed.
    func observe(
        _ desired: Desired?, environment: String, inventory: [InstanceRecord], trustsRecord: Bool
    ) async -> [InstanceKey: Observation] {
        var wanted: [InstanceKey: (Deployable, workload: String, index: Int, commit: String)] = [:]
        for record in inventory {
            wanted[record.key] = (record.deployable, record.workload, record.index, record.commit)
        }
        for workload in desired?.environment.workloads ?? [] {
            guard let desired else { continue }
            let commit = desired.commit
            for (instance, index) in workload.places(drivers.placement(workload.driver), recorded: [Int]()) {
                guard let deployable = desired.deployable(of: workload, instance: instance) else { continue }
                let key = InstanceKey(instance: instance, driver: workload.driver)
                wanted[key] = (deployable, workload.name, index, commit)
            }
        }
        await prepare(wanted.values.map(\.0), of: environment)
        let recorded = Dictionary(inventory.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        var seen: [InstanceKey: Observation] = [:]
        if trustsRecord {
            for record in inventory {
                guard let digest = record.digest else { continue }
                seen[record.key] = .running(digest.hex)
                wanted[record.key] = nil
            }
        }
        var folders = FolderMemo(materials)
        let groups = Dictionary(grouping: wanted, by: \.key.driver)
        for (name, group) in groups {
            let keys = group.map(\.key).sorted { $0.instance < $1.instance }
            guard let driver = drivers[name] else {
                let reason = "there is no driver \(name) any more: allow it by `drivers` in reconcile.yaml"
                for key in keys { seen[key] = .unknown(reason) }
                continue
            }
            var targets: [InstanceTarget] = []
            var order: [InstanceKey] = []
            for key in keys {
                guard let (deployable, workload, index, commit) = wanted[key] else { continue }
                do {
                    let folder = try await folders.folder(for: deployable.files, commit: commit)
                    targets.append(
                        InstanceTarget(
                            environment: environment, workload: workload, instance: key.instance, index: index,
                            commit: commit, deployable: deployable, folder: folder,
                            before: await folders.before(recorded[key], deployable)))
                    order.append(key)
                } catch {
                    seen[key] = .unknown("its files cannot be written: \(error)")
                }
            }
            for (key, observation) in zip(order, await driver.observe(targets)) { seen[key] = observation }
        }
        return seen
    }
}
