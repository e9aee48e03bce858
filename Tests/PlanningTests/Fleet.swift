import FoundationEssentials
import Model
import Planning

/// Hosts in a small world: what runs on each, who can be reached, who gets traffic, and every promise that a rollout breaks.
struct Fleet {
    struct Case {
        var hosts: [String] = (1...8).map { "h\($0)" }
        /// The zone of each host in turn.
        var zones = ["a", "b"]
        var rollout = RolloutPolicy(minHealthyTime: .seconds(1))
        var hasTraffic = false
    }

    static func desired(_ one: Case, version: String, hosts: [String]? = nil) -> Desired {
        let inventory = Inventory(
            hosts: one.hosts.enumerated().map { place, name in
                Host(name: name, address: "10.0.0.\(place)", labels: ["zone": one.zones[place % one.zones.count]])
            })
        let byName = inventory.byName
        var selected = hosts ?? one.hosts
        if let label = one.rollout.batchBy {
            selected.sort { (byName[$0]?.labels[label] ?? "", $0) < (byName[$1]?.labels[label] ?? "", $1) }
        }
        let workload = Workload(
            name: "web", driver: "fleet", block: .map(["release": .string(version)]), replicas: selected.count,
            hosts: selected, rollout: one.rollout, traffic: one.hasTraffic ? .map(["haproxy": .map([:])]) : nil)
        var deployables: [String: Deployable] = [:]
        for name in selected {
            guard let host = byName[name] else { continue }
            deployables[workload.instance(on: name)] = Deployable(
                driver: "fleet", block: workload.block.placed(on: inventory.value(of: host)), files: [],
                digest: Digest(ofText: "fleet" + version), health: nil)
        }
        return Desired(
            input: Input(tree: version + "\(selected)", paths: [:]), commit: version,
            environment: Environment(name: "staging", folder: "staging", inventory: inventory, workloads: [workload]),
            deployables: deployables, folderFiles: [])
    }

    /// What runs on each instance, as its digest's text.
    var running: [String: Deployable] = [:]
    var inventory: [String: InstanceRecord] = [:]
    var weights: Set<String> = []
    /// Instances that cannot be reached.
    var away: Set<String> = []
    var broken: [String] = []
    /// Instances in the order in which they were begun.
    var begun: [String] = []
    /// How many were being worked on at most.
    var most = 0
    let one: Case

    init(_ one: Case, running desired: Desired?) {
        self.one = one
        for (offset, name) in (desired?.environment.workloads[0].instances ?? []).enumerated() {
            guard let deployable = desired?.deployables[name] else { continue }
            running[name] = deployable
            weights.insert(name)
            inventory[name] = InstanceRecord(
                workload: "web", instance: name, index: offset + 1, deployable: deployable, commit: "c",
                digest: deployable.digest)
        }
    }

    func circumstances(_ desired: Desired, good: Set<Digest>, wasReached: Bool = false) -> Circumstances {
        var seen: [InstanceKey: Observation] = [:]
        for name in Set(running.keys).union(away) {
            let key = InstanceKey(instance: name, driver: "fleet")
            seen[key] = away.contains(name) ? .unknown("no route") : running[name].map { .running($0.digest.hex) }
        }
        let there = running.keys.filter { weights.contains($0) }
        return Circumstances(
            desired: desired, previous: desired.environment, wasReached: wasReached,
            inventory: inventory.values.sorted { $0.instance < $1.instance }, observations: seen,
            routes: one.hasTraffic
                ? ["web": .seen(Dictionary(uniqueKeysWithValues: there.map { ($0, 10_000 / there.count) }))] : [:],
            knownGood: good, asksHealth: { _ in true }, placement: { _ in .onHosts })
    }

    /// What happens to a host: whether it fails its health check, or gets out of reach while something is done to it.
    enum Fate { case well, ill, gone }

    /// Carries a plan out to its end. `fate` tells what becomes of a step; `restarts` is how often the process dies.
    mutating func carryOut(
        _ plan: Plan, purpose: Rollout.Purpose = .deploy, good: Desired?, random: inout Seeded, restarts: Int = 0,
        fate: (Step, Set<Digest>) -> Fate
    ) -> Rollout {
        var rollout = Rollout(plan, purpose: purpose)
        var effects = rollout.advance(.resume)
        var under: [Step] = []
        var restarts = restarts
        for _ in 0..<10_000 {
            var next: [Rollout.Effect] = []
            for effect in effects {
                switch effect {
                case .run(let step):
                    begin(step, rollout)
                    under.append(step)
                case .cut(let id):
                    under.removeAll { $0.id == id }
                    next += rollout.advance(.cut(id))
                case .chooseRetreat:
                    if let good {
                        let way = Retreat.compile(rollout, to: good, asksHealth: { _ in true })
                        next += rollout.advance(.retreat(way.steps, way.deployables))
                    } else {
                        next += rollout.advance(.noRetreat("there is none"))
                    }
                case .suspend, .end: break
                }
            }
            most = max(most, Set(under.compactMap(\.instance)).count)
            effects = next
            if !effects.isEmpty { continue }
            if case .ended = rollout.state { return rollout }
            guard !under.isEmpty else { break }
            if restarts > 0, Int.random(in: 0..<10, using: &random) == 0 {
                restarts -= 1
                effects = restart(&rollout, &under)
                continue
            }
            let step = under.remove(at: Int.random(in: 0..<under.count, using: &random))
            let ids = Set(plan.steps.compactMap { if case .start(let id) = $0.act { id } else { nil } })
            let outcome = step.instance == nil ? .well : away.contains(step.instance ?? "") ? .gone : fate(step, ids)
            switch outcome {
            case .well:
                end(step, rollout)
                effects = rollout.advance(.done(step.id))
            case .ill: effects = rollout.advance(.failed(step.id, Failure(.health, workload: "web", reason: "ill")))
            case .gone:
                away.insert(step.instance ?? "")
                effects = rollout.advance(.failed(step.id, Failure(.unknown, workload: "web", reason: "no route")))
            }
        }
        if case .ended = rollout.state {} else { broken.append("it never ended: \(rollout.state)") }
        return rollout
    }

    /// The process dies: what is journaled is all that is left, and what was under way is looked at.
    private func restart(_ rollout: inout Rollout, _ under: inout [Step]) -> [Rollout.Effect] {
        // What is skipped is recorded only at the end.
        let states = rollout.states.filter { $0.value != .skipped }
        let text = (try? JSONEncoder().encode(rollout.stored)) ?? Data()
        guard let stored = try? JSONDecoder().decode(Rollout.Stored.self, from: text) else { return [] }
        rollout = Rollout(stored, states: states)
        for step in under.sorted(by: { $0.id < $1.id }) {
            if let instance = step.instance, away.contains(instance), !step.isWait {
                _ = rollout.advance(.unseen(step.id, reason: "no route"))
                if rollout.states[step.id] == .failed { continue }
            }
            _ = rollout.advance(.settled(step.id, isDone: false))
        }
        under = []
        return rollout.advance(.resume)
    }

    private mutating func begin(_ step: Step, _ rollout: Rollout) {
        guard let name = step.instance else { return }
        switch step.act {
        case .start(let id):
            if !begun.contains(name) { begun.append(name) }
            if one.hasTraffic, weights.contains(name), running[name] != nil {
                broken.append("\(name) still gets traffic")
            }
            guard let deployable = rollout.deployables[id] else { return broken.append("\(step.text): nothing") }
            if deployable.block["host"]["name"].string.map({ "web@" + $0 }) != name {
                broken.append("\(name) gets what is meant for another host")
            }
            inventory[name] = InstanceRecord(
                workload: "web", instance: name, index: step.index, deployable: deployable, commit: "", digest: nil)
        case .stop: if !begun.contains(name) { begun.append(name) }
        default: break
        }
    }

    private mutating func end(_ step: Step, _ rollout: Rollout) {
        switch (step.act, step.instance) {
        case (.start(let id), let name?):
            running[name] = rollout.deployables[id]
            inventory[name]?.digest = rollout.deployables[id]?.digest
        case (.stop, let name?):
            running[name] = nil
            inventory[name] = nil
            weights.remove(name)
        case (.shiftTraffic(let routing), _):
            if routing.isWhole { weights = [] }
            for side in routing.sides {
                for member in side.members {
                    if side.weight > 0 { weights.insert(member.instance) } else { weights.remove(member.instance) }
                    if side.weight > 0, rollout.lost[member.instance] != nil {
                        broken.append("\(member.instance) is out of reach and gets traffic")
                    }
                }
            }
        default: break
        }
    }
}
