import Model

/// Instances that get out of reach in the middle, and what is left of the steps that name them.
extension Rollout {
    /// Whether the instance of a step may be given up now, so that all others go on: there must be others.
    func maySpare(_ id: Int) -> Bool {
        let step = steps[id - 1]
        guard step.isLosable ?? false, let workload = step.workload, let instance = step.instance else { return false }
        let all = Set(steps.filter { $0.workload == workload }.compactMap(\.instance))
        let gone = all.count { $0 != instance && lost[$0] != nil }
        return gone < plan.losable?[workload] ?? 0 && gone + 1 < all.count
    }

    /// Whether nothing is left to be done in a step: all whom it is about were given up.
    func isGivenUp(_ step: Step) -> Bool {
        guard !lost.isEmpty else { return false }
        if let instance = step.instance { return lost[instance] != nil }
        guard case .shiftTraffic(let routing) = step.act else { return false }
        let members = routing.sides.flatMap(\.members)
        return !members.isEmpty && members.allSatisfy { lost[$0.instance] != nil }
    }

    /// Whether a step that is not done stands in nobody's way: it was given up.
    func isPassed(_ id: Int) -> Bool {
        guard let state = states[id], state == .failed || state == .skipped else { return false }
        return isGivenUp(steps[id - 1])
    }

    /// A step without those who were given up: nobody sends them anything.
    func reachable(_ step: Step) -> Step {
        guard !lost.isEmpty, case .shiftTraffic(var routing) = step.act else { return step }
        for place in routing.sides.indices {
            routing.sides[place].members.removeAll { lost[$0.instance] != nil }
        }
        routing.sides.removeAll { $0.members.isEmpty }
        routing.leaving.removeAll { lost[$0.instance] != nil }
        if routing.isWhole, routing.sides.count == 1 { routing.sides[0].weight = 100 }
        var step = step
        step.act = .shiftTraffic(routing)
        return step
    }
}
