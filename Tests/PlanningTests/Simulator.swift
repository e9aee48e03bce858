import Model
import Planning

/// A small world in which steps are carried out: what runs, what is healthy, who gets which traffic, and every promise
/// that a plan breaks on the way.
struct Simulator {
    struct Instance {
        var deployable: Deployable
        var isHealthy: Bool
    }

    private(set) var running: [String: Instance] = [:]
    private(set) var inventory: [String: InstanceRecord] = [:]
    /// What each instance weighs at a balancer, by the balancer's place; who is not in it is not known there.
    private(set) var balancers: [BalancerPlace: [String: Double]] = [:]
    private(set) var broken: [String] = []
    /// Who was last told to get requests, where a driver's own command is told.
    private(set) var told: Set<String> = []
    /// Who runs a version that was not seen to be good and has not proved itself yet.
    private(set) var unproven: Set<String> = []
    /// How few may serve at any moment from now on.
    var least = 0

    init(_ desired: Desired) {
        let place = Simulator.place(desired)
        for record in Fixture.running(desired).inventory {
            running[record.instance] = Instance(deployable: record.deployable, isHealthy: true)
            inventory[record.instance] = record
            if let place {
                balancers[place, default: [:]][record.instance] = 1
                told.insert(record.instance)
            }
        }
    }

    private static func place(_ desired: Desired) -> BalancerPlace? {
        desired.environment.workloads.first?.traffic.flatMap { BalancerPlace(of: $0) }
    }

    private func isIdle(_ name: String) -> Bool { !told.contains(name) && !getsTraffic(name) }

    private func getsTraffic(_ name: String) -> Bool { balancers.values.contains { $0[name] ?? 0 > 0 } }

    /// A newer plan takes over: whoever does not run what is known to be good has to prove itself again.
    mutating func takeOver(_ good: Set<Digest>) {
        unproven = Set(running.filter { !good.contains($0.value.deployable.digest) }.keys)
    }

    /// Who is healthy and, where traffic is shared out, gets any.
    var serving: [String] {
        running.filter { $0.value.isHealthy && (balancers.isEmpty || getsTraffic($0.key)) }.map(\.key).sorted()
    }

    func shares(_ place: BalancerPlace) -> [String: Int] {
        let weights = balancers[place] ?? [:]
        let all = weights.values.reduce(0, +)
        return weights.mapValues { all > 0 ? Int(($0 / all * 10_000).rounded()) : 0 }
    }

    func circumstances(
        _ desired: Desired, previous: Desired, good: Set<Digest>, unsettled: [String: [Value]] = [:],
        _ placement: DriverDescription.Placement
    ) -> Circumstances {
        var seen: [InstanceKey: Observation] = [:]
        for (name, instance) in running {
            seen[InstanceKey(instance: name, driver: "shell")] = .running(instance.deployable.digest.hex)
        }
        return Circumstances(
            desired: desired, previous: previous.environment, inventory: Array(inventory.values), observations: seen,
            routes: Simulator.place(desired).map { ["web": .seen(shares($0))] } ?? [:],
            unsettled: unsettled,
            elsewhere: [
                "web": Dictionary(balancers.keys.map { ($0, shares($0)) }, uniquingKeysWith: { first, _ in first })
            ], knownGood: good, asksHealth: { $0.health != nil },
            placement: { _ in placement })
    }

    mutating func begin(_ step: Step, _ deployables: [Digest: Deployable]) {
        guard let name = step.instance else { return }
        switch step.act {
        case .start(let id):
            if !isIdle(name) { broken.append("\(step.text): it still gets traffic") }
            // What is there already is only confirmed.
            if running[name]?.deployable.digest != deployables[id]?.digest { running[name]?.isHealthy = false }
            if let deployable = deployables[id] {
                inventory[name] = InstanceRecord(
                    workload: "web", instance: name, index: step.index, deployable: deployable, commit: "c",
                    digest: nil)
            }
        case .stop:
            if !isIdle(name) { broken.append("\(step.text): it still gets traffic") }
            running[name]?.isHealthy = false
        default: break
        }
        check(step)
    }

    mutating func end(_ step: Step, _ deployables: [Digest: Deployable]) {
        switch (step.act, step.instance) {
        case (.start(let id), let name?):
            guard let deployable = deployables[id] else { return broken.append("\(step.text): nothing to start") }
            let isThere = running[name]?.deployable.digest == deployable.digest && running[name]?.isHealthy == true
            running[name] = Instance(deployable: deployable, isHealthy: isThere)
            inventory[name]?.digest = deployable.digest
        case (.stop, let name?):
            running[name] = nil
            inventory[name] = nil
            unproven.remove(name)
        case (.waitHealthy(let id, _, _), let name?):
            if running[name]?.deployable != deployables[id] { broken.append("\(step.text): something else is there") }
            running[name]?.isHealthy = true
            unproven.remove(name)
        case (.shiftTraffic(let routing), _): route(routing, step, deployables)
        default: break
        }
        check(step)
    }

    /// What a step that failed leaves behind.
    mutating func fail(_ step: Step, _ deployables: [Digest: Deployable], tookEffect: Bool) {
        guard tookEffect else {
            if let name = step.instance, !step.isWait { running[name]?.isHealthy = true }
            return
        }
        switch (step.act, step.instance) {
        case (.start(let id), let name?):
            running[name] = deployables[id].map { Instance(deployable: $0, isHealthy: false) }
        case (.stop, let name?): running[name] = nil
        case (.shiftTraffic(let routing), _): route(routing, step, deployables)
        default: break
        }
    }

    private mutating func route(_ routing: Routing, _ step: Step, _ deployables: [Digest: Deployable]) {
        guard let place = BalancerPlace(of: routing.traffic) else { return }
        var weights = balancers[place] ?? [:]
        let before = weights
        defer {
            balancers[place] = weights
            if routing.isFormer, serving.isEmpty { broken.append("\(step.text): nothing else serves") }
        }
        if routing.isWhole {
            weights = [:]
            if routing.isFarewell { told = [] }
            if !routing.sides.isEmpty, routing.sides.map(\.weight).reduce(0, +) != 100 {
                broken.append("\(step.text): the sides do not make a whole")
            }
        }
        let full = weights.values.filter { $0 > 0 }
        let usual = full.isEmpty ? 1 : full.reduce(0, +) / Double(full.count)
        told.subtract(routing.leaving.map(\.instance))
        for side in routing.sides {
            let names = side.members.map(\.instance)
            if side.weight > 0 { told.formUnion(names) } else { told.subtract(names) }
            for member in side.members {
                if side.weight > 0 {
                    let there = running[member.instance]
                    if unproven.contains(member.instance), side.name == .new || before[member.instance] ?? 0 <= 0 {
                        broken.append("\(step.text): \(member.instance) has not proved itself")
                    }
                    if there?.isHealthy != true { broken.append("\(step.text): \(member.instance) is not healthy") }
                    if there?.deployable.digest != deployables[member.deployable]?.digest {
                        broken.append("\(step.text): \(member.instance) runs something else")
                    }
                }
                if routing.isWhole {
                    weights[member.instance] = Double(side.weight) / Double(side.members.count)
                } else {
                    weights[member.instance] = side.weight > 0 ? usual : nil
                }
            }
        }
    }

    private mutating func check(_ step: Step) {
        if serving.count < least { broken.append("\(step.text): only \(serving.count) of \(least) serve") }
    }

    /// Why this is not exactly so many instances of one version, all healthy and with equal shares; nil where it is.
    func flaw(_ desired: Desired) -> String? {
        guard let workload = desired.environment.workloads.first, let wanted = desired.deployables["web"] else {
            return "nothing is wanted"
        }
        let wrong = running.filter { $0.value.deployable.digest != wanted.digest || !$0.value.isHealthy }
        if !wrong.isEmpty { return "\(wrong.keys.sorted()) are left or not healthy" }
        if running.count != workload.replicas { return "\(running.count) instead of \(workload.replicas) run" }
        if Set(inventory.keys) != Set(running.keys) { return "the inventory is \(inventory.keys.sorted())" }
        let place = Simulator.place(desired)
        let left = balancers.filter { $0.key != place && !$0.value.isEmpty }
        if !left.isEmpty { return "\(left.keys.map { "\($0)" }.sorted()) still send requests" }
        guard let place else { return nil }
        let weights = balancers[place] ?? [:]
        if Set(weights.keys) != Set(running.keys) { return "the balancer knows \(weights.keys.sorted())" }
        let expected = 10_000 / running.count
        let uneven = shares(place).filter { abs($0.value - expected) > 2 }
        return uneven.isEmpty ? nil : "the shares are \(shares(place))"
    }
}
