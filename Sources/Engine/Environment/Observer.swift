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

    /// One answer for each instance. With `trustsRecord`, what the record says is in place is believed.
    func observe(
        _ desired: Desired?, environment: String, inventory: [InstanceRecord], trustsRecord: Bool
    ) async -> [InstanceKey: Observation] {
        var (seen, questions) = await questions(
            desired, environment: environment, inventory: inventory, trustsRecord: trustsRecord)
        for (driver, targets) in questions {
            for (target, observation) in zip(targets, await driver.observe(targets)) {
                seen[target.key] = observation
            }
        }
        return seen
    }

    /// What is known without asking, and what each driver is to be asked. Drivers take their time, and many environments
    /// wait for them together: what it took to find the questions is gone by then.
    private func questions(
        _ desired: Desired?, environment: String, inventory: [InstanceRecord], trustsRecord: Bool
    ) async -> (seen: [InstanceKey: Observation], questions: [(driver: any Driver, targets: [InstanceTarget])]) {
        let targets = targets(desired, environment: environment, inventory: inventory)
        await drivers.prepare(targets.map(\.deployable), of: environment)
        var seen: [InstanceKey: Observation] = [:]
        if trustsRecord {
            for record in inventory { if let digest = record.digest { seen[record.key] = .running(digest.hex) } }
        }
        let recorded = Dictionary(inventory.indices.map { (inventory[$0].key, $0) }, uniquingKeysWith: { $1 })
        var folders = FolderMemo(materials)
        var asked: [String: [InstanceTarget]] = [:]
        for var target in targets where seen[target.key] == nil {
            let name = target.deployable.driver
            guard drivers[name] != nil else {
                seen[target.key] = .unknown(
                    "there is no driver \(name) any more: allow it by `drivers` in reconcile.yaml")
                continue
            }
            do {
                target.folder = try await folders.folder(for: target.deployable.files, commit: target.commit)
                target.before = await folders.before(recorded[target.key].map { inventory[$0] }, target.deployable)
                asked[name, default: []].append(target)
            } catch {
                seen[target.key] = .unknown("its files cannot be written: \(error)")
            }
        }
        return (seen, asked.compactMap { name, targets in drivers[name].map { ($0, targets) } })
    }

    /// Everything that is wanted or recorded, by name, as it is wanted where it is; its folders are not known yet.
    private func targets(
        _ desired: Desired?, environment: String, inventory: [InstanceRecord]
    ) -> [InstanceTarget] {
        var targets: [InstanceTarget] = []
        var places: [InstanceKey: Int] = [:]
        func add(_ workload: String, _ instance: String, _ index: Int, _ commit: String, _ deployable: Deployable) {
            let target = InstanceTarget(
                environment: environment, workload: workload, instance: instance, index: index, commit: commit,
                deployable: deployable, folder: "")
            if let place = places[target.key] { return targets[place] = target }
            places[target.key] = targets.count
            targets.append(target)
        }
        for record in inventory {
            add(record.workload, record.instance, record.index, record.commit, record.deployable)
        }
        if let desired {
            for workload in desired.environment.workloads {
                for (instance, index) in workload.places(drivers.placement(workload.driver), recorded: [Int]()) {
                    guard let deployable = desired.deployable(of: workload, instance: instance) else { continue }
                    add(workload.name, instance, index, desired.commit, deployable)
                }
            }
        }
        return targets.sorted { $0.instance < $1.instance }
    }
}

extension InstanceTarget {
    /// The instance under its driver.
    fileprivate var key: InstanceKey { InstanceKey(instance: instance, driver: deployable.driver) }
}
