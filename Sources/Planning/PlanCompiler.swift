import Model

/// Orders the work of all workloads: what the pipeline asks for first, starts and updates by `depends_on`, what it asks
/// for at the end and smoke tests, then everything that goes.
struct PlanCompiler {
    private(set) var builder: StepBuilder
    /// What shares requests out when the plan begins, by workload.
    private(set) var traffic: [String: Value] = [:]
    private let differences: [String: Difference]
    private let circumstances: Circumstances
    private let workloads: [String: Workload]
    /// Workloads as they were before: for those that go.
    private let previous: [String: Workload]
    private let isTrusted: Bool
    /// Whether nothing is new: what was agreed to is only brought back.
    private let isRepair: Bool

    init(_ differences: [Difference], _ circumstances: Circumstances) {
        builder = StepBuilder(asksHealth: circumstances.asksHealth)
        self.circumstances = circumstances
        self.differences = Dictionary(
            differences.map { ($0.change.workload, $0) }, uniquingKeysWith: { first, _ in first })
        workloads = Dictionary(
            circumstances.desired.environment.workloads.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        previous = Dictionary(
            (circumstances.previous?.workloads ?? []).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        isTrusted = differences.allSatisfy { difference in
            guard difference.change.action != .delete else { return true }
            let wanted = circumstances.desired.deployables(of: difference.change.workload)
            return !wanted.isEmpty && wanted.allSatisfy { circumstances.knownGood.contains($0.digest) }
        }
        isRepair = differences.allSatisfy { $0.change.isRepair }
    }

    mutating func compile() {
        guard !differences.isEmpty else { return }
        let environment = circumstances.desired.environment
        let stages = environment.policy.stages ?? PipelineStages()
        let opened = perform(stages.before, of: [], usual: "may \(environment.name) be changed?", after: [])
        var ends: [String: [Int]] = [:]
        let order = Order.sorted(Array(workloads.keys), dependencies: { workloads[$0]?.dependsOn ?? [] })
        let works = order.compactMap { workloads[$0].flatMap(work) }
        let asked = askWithin(stages, works, after: opened)
        for name in order {
            guard let workload = workloads[name] else { continue }
            var before = Set(opened + workload.dependsOn.flatMap { ends[$0] ?? [] })
            guard let work = works.first(where: { $0.workload == name }) else {
                ends[name] = before.sorted()
                continue
            }
            if !strategy(work).asks(work) { before.formUnion(asked) }
            traffic[name] = work.current ?? work.routing
            let last = builder.carryOut(work, by: strategy(work), after: before.sorted())
            ends[name] =
                strategy(work).takesSteps
                ? last
                : builder.watch(
                    work, isFirst: circumstances.knownGood.isEmpty, after: last)
        }
        let asksItself = stages.after.contains { if case .smoke = $0 { true } else { false } }
        var last = unawaited()
        if !asksItself { last = builder.smokeTests(environment.policy.smoke, after: last) }
        last = perform(stages.after, of: works, usual: "is \(environment.name) as it should be?", after: last)
        remove(after: last)
    }

    private func strategy(_ work: WorkloadWork) -> any Strategy { Planning.strategy(work.rollout.strategy) }

    /// The pipeline's approval between canary and full deployment, where something is changed that has no canary to be asked
    /// in: no such gate is passed silently. Gives what such a workload has to wait for.
    private mutating func askWithin(_ stages: PipelineStages, _ works: [WorkloadWork], after: [Int]) -> [Int] {
        let silent = works.filter { !strategy($0).asks($0) }
        guard stages.asksWithin, works.isEmpty || !silent.isEmpty else { return after }
        let names = silent.map(\.workload)
        let what = names.isEmpty ? circumstances.desired.environment.name : names.joined(separator: ", ")
        return perform([.approve("")], of: [], usual: "may \(what) be changed without a canary?", after: after)
    }

    /// The instances of all workloads that are changed as they are now.
    mutating func existing() -> [String: [Routing.Member]] {
        differences.mapValues { difference in
            builder.old(difference.existing.map { WorkloadWork.Item($0, new: nil) })
        }
    }

    /// Steps that nothing waits for yet.
    private func unawaited() -> [Int] {
        Set(builder.steps.map(\.id)).subtracting(builder.steps.flatMap(\.after)).sorted()
    }

    /// What the pipeline asks for the environment as a whole.
    private mutating func perform(
        _ stages: [RolloutStep], of works: [WorkloadWork], usual: String, after: [Int]
    ) -> [Int] {
        var last = after
        for stage in stages {
            switch stage {
            case .monitor(let span) where !isTrusted:
                let before = last
                let watches = works.filter { !$0.items.isEmpty }.flatMap { work in
                    builder.monitor(work, span, new: work.staying + work.items, old: [], after: before)
                }
                if !watches.isEmpty { last = watches }
            case .approve(let sentence) where !isRepair:
                last = builder.approve(nil, sentence, usual: usual, after: last)
            case .smoke(let checks): last = builder.smokeTests(checks, after: last)
            case .pause(let span) where !isTrusted: last = builder.pause(nil, span, after: last)
            case .monitor, .approve, .pause, .weight, .instances, .match: break
            }
        }
        return last
    }

    /// What is to be done for a workload that git wants; nil where nothing is.
    private func work(of workload: Workload) -> WorkloadWork? {
        guard let difference = differences[workload.name] else { return nil }
        let desired = circumstances.desired
        func wanted(_ item: Difference.Item) -> Deployable? {
            desired.deployable(of: workload, instance: item.instance)
        }
        guard
            !difference.starts.isEmpty || !difference.leaving.isEmpty || difference.isUneven
                || !difference.formers.isEmpty || difference.isUnproven
        else { return nil }
        let shares: [String: Int]? =
            if workload.routing != nil, case .seen(let seen)? = circumstances.routes[workload.name] { seen } else {
                nil
            }
        func items(_ items: [Difference.Item], isLeaving: Bool) -> [WorkloadWork.Item] {
            items.map { item in
                var result = WorkloadWork.Item(item, new: isLeaving ? nil : wanted(item))
                result.isDoubtful = item.old.map { !circumstances.knownGood.contains($0.digest) } ?? false
                result.isServing = shares.map { $0[item.instance] != nil } ?? true
                return result
            }
        }
        let there = difference.staying.map { item in
            let new = wanted(item)
            return WorkloadWork.Item(
                instance: item.instance, index: item.index, new: new,
                isServing: shares.map { $0[item.instance] ?? 0 > 0 } ?? true,
                isRunning: new.map { !circumstances.knownGood.contains($0.digest) } ?? false)
        }
        var bring = there.filter(\.isRunning) + items(difference.starts, isLeaving: false)
        if workload.hosts != nil { bring.sort { $0.index < $1.index } }
        let isUnseen = workload.routing != nil && shares == nil && there.contains(where: \.isRunning)
        // Where the new place serves nobody yet, the former one does.
        let place = workload.routing.flatMap { BalancerPlace(of: $0) }
        let servesNobody =
            shares.map { $0.allSatisfy { $0.value == 0 } }
            ?? circumstances.unsettled?[workload.name]?.first.map { BalancerPlace(of: $0) != place } ?? true
        let former = workload.routing == nil || servesNobody ? difference.formers.first : nil
        // Where two versions must never run together, who cannot be seen gets nothing beside the new one.
        var unseen: [WorkloadWork.Item] = []
        if !workload.rollout.strategy.isExclusive {
            unseen = items(difference.unseen, isLeaving: true)
            for place in unseen.indices {
                unseen[place].isServing = shares.map { $0[unseen[place].instance] ?? 0 > 0 } ?? true
            }
        }
        var work = WorkloadWork(
            workload: workload.name, rollout: workload.rollout, count: difference.count,
            parallel: workload.rollout.maxParallel.parallel(of: difference.count),
            minHealthyTime: isTrusted ? .zero : workload.rollout.minHealthyTime, isTrusted: isTrusted,
            items: bring, leaving: items(difference.leaving, isLeaving: true),
            staying: there.filter { !$0.isRunning }, unseen: unseen, routing: workload.routing,
            formers: difference.formers,
            current: former,
            currentShares: former.flatMap { BalancerPlace(of: $0) }.flatMap {
                circumstances.elsewhere[workload.name]?[$0]
            },
            monitors: workload.monitors, isUneven: difference.isUneven || isUnseen,
            hosts: HostBatches(workload, desired.environment.inventory))
        let policy = desired.environment.policy
        let isAsked = !policy.smoke.isEmpty || !(policy.stages ?? PipelineStages()).after.isEmpty
        work.isWatched = !isTrusted && (!workload.rollout.steps.isEmpty || strategy(work).watchesItself || isAsked)
        return work
    }

    /// Dependants go before what they depend on.
    private mutating func remove(after: [Int]) {
        let going = differences.filter { !$0.value.removals.isEmpty }
        func needs(_ name: String) -> [String] { (workloads[name] ?? previous[name])?.dependsOn ?? [] }
        let order = Order.sorted(Array(going.keys), dependencies: needs)
        var ends: [String: [Int]] = [:]
        for name in order.reversed() {
            guard let difference = going[name] else { continue }
            let dependants = order.filter { needs($0).contains(name) }
            let before = Set(after + dependants.flatMap { ends[$0] ?? [] }).sorted()
            let rollout = workloads[name]?.rollout ?? RolloutPolicy()
            let items = difference.removals.map { WorkloadWork.Item($0, new: nil) }
            let work = WorkloadWork(
                workload: name, rollout: rollout, count: difference.count,
                parallel: rollout.maxParallel.parallel(of: items.count), minHealthyTime: .zero, items: [],
                routing: (workloads[name] ?? previous[name])?.routing,
                hosts: items.contains { Workload.isOnHost($0.instance) } ? HostBatches() : nil)
            ends[name] = builder.dismiss(work, items, after: before)
        }
    }
}

extension WorkloadWork.Item {
    /// An instance as it was compared, and what shall be there.
    init(_ item: Difference.Item, new: Deployable?) {
        self.init(
            instance: item.instance, index: item.index, old: item.old, isReplaced: item.isReplaced, new: new)
    }
}
