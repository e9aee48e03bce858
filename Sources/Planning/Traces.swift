import Model

/// What a rollout has left behind: which instances it touched, and what was there before.
struct Traces {
    /// An instance that was touched, with the last thing that was done to it.
    struct Touched {
        var key: InstanceKey
        var index: Int
        /// What was started there, or stopped.
        var deployable: Deployable
        /// Whether it may run now.
        var isThere: Bool
        /// Whether it was to be stopped: what may be left of it carries nothing.
        var isStopped: Bool

        /// Nothing that was touched has proved itself.
        func item(new: Deployable?) -> WorkloadWork.Item {
            let isOld = new == nil ? isThere : !isStopped
            return .init(
                instance: key.instance, index: index, old: isOld ? deployable : nil, new: new, isDoubtful: true)
        }
    }

    /// An instance as it was before.
    struct Existing {
        var key: InstanceKey
        var index: Int
        var deployable: Deployable
    }

    /// Whose instances or traffic were touched, the one touched last first.
    private(set) var workloads: [String] = []
    private var touched: [String: [Touched]] = [:]
    private var existing: [String: [Existing]] = [:]
    private var routings: [String: [Routing]] = [:]
    /// What shared requests out before, by workload.
    let before: [String: Value]
    /// Those of them that were brought to their end.
    private var shifted: [String: [Routing]] = [:]
    /// Those that it did not come to, in order.
    private var missed: [String: [Routing]] = [:]

    private let realPaths: [String: String]

    /// `realPaths` as in `Circumstances`.
    init(of rollout: Rollout, realPaths: [String: String] = [:]) {
        self.realPaths = realPaths
        before = rollout.plan.traffic ?? [:]
        var seen: Set<InstanceKey> = []
        for step in rollout.steps.reversed() {
            guard let state = rollout.states[step.id], state == .done || state == .failed || state == .running,
                let workload = step.workload
            else { continue }
            if !workloads.contains(workload), step.isTouching { workloads.append(workload) }
            if case .shiftTraffic(let routing) = step.act { routings[workload, default: []].append(routing) }
            guard let (id, isStart) = step.instanceAct, let deployable = rollout.deployables[id],
                let instance = step.instance
            else { continue }
            let key = InstanceKey(instance: instance, driver: deployable.driver)
            guard seen.insert(key).inserted else { continue }
            // What did not end well may have left it running.
            touched[workload, default: []].append(
                Touched(
                    key: key, index: step.index, deployable: deployable, isThere: isStart || state != .done,
                    isStopped: !isStart))
        }
        for (workload, members) in rollout.plan.existing ?? [:] {
            existing[workload] = members.compactMap { member in
                rollout.deployables[member.deployable].map {
                    Existing(
                        key: InstanceKey(instance: member.instance, driver: $0.driver), index: member.index,
                        deployable: $0)
                }
            }
        }
        addStopped(rollout)
        addProved(rollout)
        for step in rollout.steps {
            guard case .shiftTraffic(let routing) = step.act, let workload = step.workload else { continue }
            switch rollout.states[step.id] {
            case .done: shifted[workload, default: []].insert(routing, at: 0)
            case .failed, .running: break
            case .planned, .skipped, nil: missed[workload, default: []].append(routing)
            }
        }
    }

    /// What was stopped first was there before, whether the plan says so or not.
    private mutating func addStopped(_ rollout: Rollout) {
        var seen = Set(existing.values.flatMap { $0.map(\.key) })
        for step in rollout.steps {
            guard let workload = step.workload, let instance = step.instance, let (id, isStart) = step.instanceAct,
                let deployable = rollout.deployables[id]
            else { continue }
            let key = InstanceKey(instance: instance, driver: deployable.driver)
            guard seen.insert(key).inserted, !isStart else { continue }
            existing[workload, default: []].append(Existing(key: key, index: step.index, deployable: deployable))
        }
    }

    /// What ran before without proof and was to prove itself is the rollout's own, whether it came to that or not.
    private mutating func addProved(_ rollout: Rollout) {
        var seen = Set(touched.values.flatMap { $0.map(\.key) })
        let before = Dictionary(
            existing.values.flatMap { $0.map { ($0.key, $0.deployable.digest) } },
            uniquingKeysWith: { first, _ in first })
        for step in rollout.steps {
            guard case .waitHealthy(let id, _, _) = step.act, let workload = step.workload, let name = step.instance,
                workloads.contains(workload), let deployable = rollout.deployables[id]
            else { continue }
            let key = InstanceKey(instance: name, driver: deployable.driver)
            guard before[key] == deployable.digest, seen.insert(key).inserted else { continue }
            touched[workload, default: []].append(
                Touched(key: key, index: step.index, deployable: deployable, isThere: true, isStopped: false))
        }
    }

    /// Where a block shares requests out; nil where only the driver itself can shift traffic.
    func place(of traffic: Value) -> BalancerPlace? { BalancerPlace(of: traffic)?.resolved(realPaths) }

    func touched(_ workload: String) -> [Touched] { touched[workload] ?? [] }

    /// By their numbers.
    func existing(_ workload: String) -> [Existing] { (existing[workload] ?? []).sorted { $0.index < $1.index } }

    /// What its traffic was last shared out by; nil where nothing was shifted.
    func routing(_ workload: String) -> Value? { routings[workload]?.first?.traffic }

    /// `traffic` blocks of all places that were touched and of those that were to let go; `all` also of those that were not
    /// come to. The one that serves is first.
    func traffic(_ workload: String, all: Bool = false) -> [Value] {
        let touched = routings[workload] ?? []
        let missed = (missed[workload] ?? []).filter { all || $0.isFarewell }
        var places: Set<BalancerPlace?> = []
        return ([current(workload)].compactMap { $0 } + (touched + missed).map(\.traffic)).filter {
            places.insert(place(of: $0)).inserted
        }
    }

    /// What its requests were last shared out by; nil where nothing does that.
    func current(_ workload: String) -> Value? {
        let places = (shifted[workload] ?? []).filter { !$0.isFarewell }.map(\.traffic)
        return (places + [before[workload]].compactMap { $0 }).first { !wasLeft(workload, $0) }
    }

    /// Whether a place has let go and sends nothing to anybody.
    func isLeft(_ workload: String, _ traffic: Value) -> Bool {
        let place = self.place(of: traffic)
        return shifted[workload]?.first { self.place(of: $0.traffic) == place }?.isFarewell ?? false
    }

    /// Whether a place was told to let go, whatever came of it.
    private func wasLeft(_ workload: String, _ traffic: Value) -> Bool {
        let place = self.place(of: traffic)
        return routings[workload]?.first { self.place(of: $0.traffic) == place }?.isFarewell ?? false
    }

    /// Whether its traffic was touched.
    func wasRouted(_ workload: String) -> Bool { routings[workload] != nil }

    /// Whether all its traffic was split between an old and a new side.
    func wasSplit(_ workload: String) -> Bool {
        (routings[workload] ?? []).contains { $0.isWhole && $0.sides.count == 2 }
    }
}

extension Step {
    /// Whether it changes anything.
    fileprivate var isTouching: Bool {
        switch act {
        case .start, .stop, .shiftTraffic, .waitHealthy: true
        case .smokeTest, .preview, .monitor, .pause, .approve: false
        }
    }

    /// What it starts, or waits for because it is there, or stops; nil for all else.
    fileprivate var instanceAct: (deployable: Digest, isStart: Bool)? {
        switch act {
        case .start(let deployable), .waitHealthy(let deployable, _, _): (deployable, true)
        case .stop(let deployable): (deployable, false)
        case .smokeTest, .preview, .shiftTraffic, .monitor, .pause, .approve: nil
        }
    }
}

extension Rollout {
    /// The `traffic` blocks that it has used or meant to, by workload, the one that serves first: where it was superseded,
    /// nothing else tells of their places. Each plan lets go of what was unsettled before, so the newest is enough.
    package var traffic: [String: [Value]] {
        let traces = Traces(of: self)
        let workloads = Set(steps.compactMap { $0.kind == .shiftTraffic ? $0.workload : nil })
        return Dictionary(uniqueKeysWithValues: workloads.map { ($0, traces.traffic($0, all: true)) })
    }
}
