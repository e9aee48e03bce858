import DriverKit
import History
import Model
import Planning

/// What moving names stand for. Whatever runs already decides; only then somebody is asked, before anything is touched.
extension Desired {
    /// With the pins of recorded instances that run the same.
    func pinned(by inventory: [InstanceRecord]) -> Desired {
        var pins: [Digest: Value] = [:]
        for record in inventory where record.digest != nil {
            if let pin = record.deployable.pin { pins[record.deployable.digest] = pin }
        }
        return pinned(pins)
    }

    /// With the pins of what a rollout started.
    func pinned(by rollout: Rollout) -> Desired {
        var pins: [Digest: Value] = [:]
        for deployable in rollout.deployables.values {
            if let pin = deployable.pin { pins[deployable.digest] = pin }
        }
        return pinned(pins)
    }

    /// With these pins, by digest.
    func pinned(_ pins: [Digest: Value]) -> Desired {
        var desired = self
        for (name, deployable) in deployables {
            if let pin = pins[deployable.digest] { desired.deployables[name]?.pin = pin }
        }
        return desired
    }

    /// Whether two mean the same, whatever commit they were read at.
    func isSame(as other: Desired) -> Bool {
        var other = other
        other.commit = commit
        return self == other
    }
}

extension DriverRegistry {
    /// Asks for the pins of everything that a plan starts without one, each once and all together. `tell` takes a workload's
    /// name and how far it is. Throws with the first that cannot be had.
    func pins(
        for plan: Plan, tell: @escaping @Sendable (String, String) -> Void
    ) async throws(DriverFailure) -> [Digest: Value] {
        var unpinned: [Digest: (workload: String, deployable: Deployable)] = [:]
        for step in plan.steps {
            guard case .start(let id) = step.act, let deployable = plan.deployables[id], deployable.pin == nil,
                unpinned[deployable.digest] == nil
            else { continue }
            unpinned[deployable.digest] = (step.workload ?? "", deployable)
        }
        var pins: [Digest: Value] = [:]
        var failure: DriverFailure?
        await withTaskGroup(of: (Digest, Result<Value?, DriverFailure>).self) { group in
            for (digest, (workload, deployable)) in unpinned {
                guard let driver = self[deployable.driver] else { continue }
                group.addTask {
                    do throws(DriverFailure) {
                        return (digest, .success(try await driver.pin(deployable) { tell(workload, $0) }))
                    } catch {
                        return (digest, .failure(DriverFailure("\(workload): \(error)")))
                    }
                }
            }
            for await (digest, result) in group {
                switch result {
                case .success(let pin): pins[digest] = pin
                case .failure(let error): failure = failure ?? error
                }
            }
        }
        if let failure { throw failure }
        return pins
    }
}
