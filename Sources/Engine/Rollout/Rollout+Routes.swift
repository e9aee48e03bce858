import Model
import Planning

extension Rollout {
    /// How a balancer was told to share requests out, by the step that did.
    struct Shift: Hashable, Sendable {
        var step: Step
        var routing: Routing
    }

    /// The `traffic` blocks that it has to do with, and those of what it may go back to.
    func blocks(and good: Desired?) -> [Value] {
        let own = steps.compactMap { if case .shiftTraffic(let routing) = $0.act { routing.traffic } else { nil } }
        return own + (plan.traffic ?? [:]).values + (good?.environment.workloads ?? []).compactMap(\.traffic)
    }

    /// Whether it was made a failure, so that it goes no further.
    var isFailing: Bool {
        switch state {
        case .halting(_, .failed), .halted(_, .failed), .ended: true
        case .going, .halting, .halted: false
        }
    }

    /// What balancers were told and what holds now, in the order in which it is told again: of each workload, at each
    /// place, the last shift of all its instances, without those that left since, and then those that came since.
    var shiftsInForce: [Shift] {
        var told: [[String]: [Shift]] = [:]
        for step in steps where states[step.id] == .done {
            guard case .shiftTraffic(let routing) = step.act, let workload = step.workload, routing.traffic != .null
            else { continue }
            let shift = Shift(step: step, routing: routing)
            let place = [workload, BalancerPlace.text(of: routing.traffic)]
            if routing.isWhole {
                told[place] = [shift]
            } else if told[place] != nil {
                told[place]?.append(shift)
            }
        }
        return told.sorted { $0.key.lexicographicallyPrecedes($1.key) }.flatMap { Rollout.joined($0.value) }
    }

    private static func joined(_ told: [Shift]) -> [Shift] {
        guard var whole = told.first else { return [] }
        var last: [String: (place: Int, weight: Int)] = [:]
        for (place, shift) in told.enumerated().dropFirst() {
            for side in shift.routing.sides {
                for member in side.members { last[member.instance] = (place, side.weight) }
            }
        }
        whole.routing.keep { member, _ in last[member.instance]?.weight != 0 }
        var all = [whole]
        for (place, var shift) in told.enumerated().dropFirst() {
            shift.routing.keep { member, weight in weight > 0 && last[member.instance]?.place == place }
            if !shift.routing.sides.isEmpty { all.append(shift) }
        }
        return all
    }
}

extension Routing {
    /// Keeps these members, told with the weight of their side, and the sides that have any.
    fileprivate mutating func keep(_ isKept: (Member, Int) -> Bool) {
        for place in sides.indices {
            let weight = sides[place].weight
            sides[place].members.removeAll { !isKept($0, weight) }
        }
        sides.removeAll { $0.members.isEmpty }
    }
}
