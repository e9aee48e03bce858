import Model

/// Undoes what a rollout touched, and nothing else: in reverse, back to the last good input.
package enum Retreat {
    /// The steps back, numbered after the rollout's own, and what they refer to.
    package struct Result: Sendable {
        /// In the order in which they are shown.
        package var steps: [Step]
        /// What the steps' ids refer to.
        package var deployables: [Digest: Deployable]
    }

    private struct Touched {
        var step: Step
        var deployable: Deployable
        var key: InstanceKey
    }

    /// Compiles the way back for a rollout whose running steps have ended.
    package static func compile(
        _ rollout: Rollout, to good: Desired, asksHealth: @escaping @Sendable (Deployable) -> Bool
    ) -> Result {
        let touched = touchedInstances(of: rollout)
        var builder = StepBuilder(firstID: rollout.steps.count + 1, asksHealth: asksHealth)
        var order: [String] = []
        var byWorkload: [String: [Touched]] = [:]
        for one in touched {
            let workload = one.step.workload ?? ""
            if byWorkload[workload] == nil { order.append(workload) }
            byWorkload[workload, default: []].append(one)
        }
        var last: [Int] = []
        for name in order {
            let workload = good.environment.workloads.first { $0.name == name }
            let rollout = workload?.rollout ?? RolloutPolicy()
            let items = (byWorkload[name] ?? []).map { item($0, workload: workload, good: good) }
            let work = WorkloadWork(
                workload: name, rollout: rollout, parallel: rollout.maxParallel.parallel(of: items.count),
                minHealthyTime: .zero, items: items)
            last = strategy(rollout.strategy).compile(work, after: last, into: &builder)
        }
        if !touched.isEmpty { _ = builder.smokeTests(good.environment.policy.smoke, after: last) }
        return Result(steps: builder.steps, deployables: builder.deployables)
    }

    /// Each instance once, the one touched last first.
    private static func touchedInstances(of rollout: Rollout) -> [Touched] {
        var seen: Set<InstanceKey> = []
        var result: [Touched] = []
        for step in rollout.steps.reversed() {
            guard let state = rollout.states[step.id], state == .done || state == .failed || state == .running,
                let instance = step.instance
            else { continue }
            let id: Digest
            switch step.act {
            case .start(let deployable), .stop(let deployable): id = deployable
            case .waitHealthy, .smokeTest, .preview, .shiftTraffic, .monitor, .pause, .approve: continue
            }
            guard let deployable = rollout.deployables[id] else { continue }
            let key = InstanceKey(instance: instance, driver: deployable.driver)
            if seen.insert(key).inserted { result.append(Touched(step: step, deployable: deployable, key: key)) }
        }
        return result
    }

    private static func item(_ touched: Touched, workload: Workload?, good: Desired) -> WorkloadWork.Item {
        let wanted = workload.flatMap { workload -> Deployable? in
            guard workload.driver == touched.key.driver, touched.step.index <= workload.replicas else { return nil }
            return good.deployables[workload.name]
        }
        var old: Deployable? = touched.deployable
        var new = wanted
        if case .stop = touched.step.act {
            old = nil
            new = wanted ?? touched.deployable
        }
        return .init(
            instance: touched.key.instance, index: touched.step.index, old: old, isReplaced: false, new: new)
    }
}
