import DriverKit
import Model
import Planning

extension Observer {
    /// What the steps of a plan would change in files, as their drivers see it.
    func differences(_ plan: Plan, inventory: [InstanceRecord]) async -> [FileDifference] {
        let recorded = Dictionary(inventory.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        var targets: [String: [InstanceTarget]] = [:]
        var folders = FolderMemo(materials)
        for step in plan.steps {
            guard case .start(let id) = step.act, let deployable = plan.deployables[id], let instance = step.instance,
                let workload = step.workload,
                let folder = try? await folders.folder(for: deployable.files, commit: plan.commit)
            else { continue }
            let key = InstanceKey(instance: instance, driver: deployable.driver)
            targets[deployable.driver, default: []].append(
                InstanceTarget(
                    environment: plan.environment, workload: workload, instance: instance, index: step.index,
                    commit: plan.commit, deployable: deployable, folder: folder,
                    before: await folders.before(recorded[key], deployable)))
        }
        var found: [FileDifference] = []
        for (name, group) in targets.sorted(by: { $0.key < $1.key }) {
            if let driver = drivers[name] { found += await driver.differences(group) }
        }
        return found
    }
}
