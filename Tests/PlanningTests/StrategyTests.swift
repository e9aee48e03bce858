import Model
import Planning
import Testing

/// Every strategy, carried out in random orders that its steps allow, undone and superseded at any point.
@Suite struct StrategyTests {
    /// One random case: an old version, a new one, and how to get there.
    struct Case {
        var placement: DriverDescription.Placement
        var traffic: Traffic
        var old: Desired
        var new: Desired
        var third: Desired
        var rollout: RolloutPolicy
        var random: Seeded

        /// What the new version says of traffic, and what the old one did.
        enum Traffic: CaseIterable {
            case none, same, edited, moved, added, removed

            /// Whether every instance that serves is always known to some balancer, or none ever is.
            var isCounted: Bool { self != .added && self != .removed }
        }

        init(_ seed: Int, strategy: RolloutPolicy.Strategy) {
            random = Seeded(UInt64(seed) &* 31 &+ 17)
            for _ in 0..<20 { _ = random.next() }
            placement = Bool.random(using: &random) ? .sideBySide : .inPlace
            traffic = Bool.random(using: &random) ? .same : Traffic.allCases.randomElement(using: &random) ?? .same
            rollout = RolloutPolicy(
                strategy: strategy, maxParallel: .count(Int.random(in: 1...3, using: &random)),
                order: Bool.random(using: &random) ? .startFirst : .stopFirst, steps: Case.steps(&random))
            if Bool.random(using: &random) { rollout.promotion = .manual }
            if Bool.random(using: &random) { rollout.maxUnavailable = .count(Int.random(in: 1...2, using: &random)) }
            if strategy == .blueGreen || strategy == .recreate { rollout.order = .startFirst }
            let before = Int.random(in: 1...5, using: &random)
            let after = Int.random(in: 0..<3, using: &random) > 0 ? before : Int.random(in: 1...5, using: &random)
            let (here, there) = (Case.block("web"), Case.block("other"))
            let blocks: (old: Value?, new: Value?) =
                switch traffic {
                case .none: (nil, nil)
                case .same: (here, here)
                case .edited: (here, here.with("port", .int(8080)))
                case .moved: (here, there)
                case .added: (nil, here)
                case .removed: (here, nil)
                }
            old = Case.desired(before, "1", rollout, blocks.old)
            new = Case.desired(after, "2", rollout, blocks.new)
            third = Case.desired(after, "3", rollout, Bool.random(using: &random) ? blocks.old : blocks.new)
        }

        private static func steps(_ random: inout Seeded) -> [RolloutStep] {
            var weight = 5
            var steps: [RolloutStep] = []
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                switch Int.random(in: 0..<5, using: &random) {
                case 0: steps.append(.monitor(.seconds(60)))
                case 1: steps.append(.approve(""))
                case 2 where !steps.contains { if case .instances = $0 { true } else { false } }:
                    steps.append(.instances(.percent(Int.random(in: 1...100, using: &random))))
                default:
                    // Few instances that shall take everything are what a person asks for, and no promise is broken.
                    weight = Int.random(in: weight...99, using: &random)
                    steps.append(.weight(weight))
                }
            }
            return steps
        }

        private static func desired(
            _ replicas: Int, _ version: String, _ rollout: RolloutPolicy, _ traffic: Value?
        ) -> Desired {
            var workload = Fixture.workload("web", replicas: replicas, rollout: rollout)
            workload.traffic = traffic
            var desired = Fixture.desired([workload], version: version, commit: "c" + version)
            desired.deployables["web"] = Fixture.deployable(
                "web" + version, health: Check(.command(.plain("true"))))
            return desired
        }

        private static func block(_ backend: String) -> Value {
            .map(["haproxy": .map(["backend": .string(backend)])])
        }

        var good: Set<Digest> { Set(old.deployables.values.map(\.digest)) }

        /// How many may be missing while this is carried out.
        func missing(_ count: Int) -> Int {
            if let share = rollout.maxUnavailable { return share.part(of: count) }
            let isStopFirst = rollout.order == .stopFirst || (placement == .inPlace && rollout.strategy != .blueGreen)
            return isStopFirst ? rollout.maxParallel.parallel(of: count) : 0
        }
    }

    /// Carries a plan out until it ends or was interrupted.
    private struct Run {
        enum Interruption { case none, failure, superseded }

        var world: Simulator
        var rollout: Rollout
        var under: [Step] = []
        /// How many more may be missing on the way back.
        var spare = 0

        init(_ world: Simulator, _ plan: Plan) {
            self.world = world
            rollout = Rollout(plan, purpose: .deploy)
        }

        mutating func go(
            _ interruption: Interruption, after steps: Int, _ one: inout Case
        ) {
            var left = steps
            var wasInterrupted = false
            take(rollout.advance(.resume), one)
            while let place = under.indices.randomElement(using: &one.random) {
                let step = under.remove(at: place)
                if left == 0, !wasInterrupted, interruption != .none {
                    wasInterrupted = true
                    if interruption == .superseded {
                        under.append(step)
                        take(rollout.advance(.halt(.superseded("c3"))), one)
                    } else {
                        world.fail(step, rollout.deployables, tookEffect: Bool.random(using: &one.random))
                        take(rollout.advance(.failed(step.id, Failure(.act, reason: "no"))), one)
                    }
                    continue
                }
                left -= 1
                world.end(step, rollout.deployables)
                take(rollout.advance(.done(step.id)), one)
            }
        }

        private mutating func take(_ effects: [Rollout.Effect], _ one: Case) {
            for effect in effects {
                switch effect {
                case .run(let step):
                    world.begin(step, rollout.deployables)
                    under.append(step)
                case .cut(let id):
                    under.removeAll { $0.id == id }
                    take(rollout.advance(.cut(id)), one)
                case .chooseRetreat:
                    let wasSplit = rollout.steps.contains { step in
                        guard case .shiftTraffic(let routing) = step.act else { return false }
                        return routing.isWhole && routing.sides.count == 2 && rollout.states[step.id] != .planned
                    }
                    let count = one.old.environment.workloads[0].replicas
                    // What could not be stopped carries nothing.
                    let proven = world.serving.filter { name in
                        !rollout.steps.contains {
                            $0.instance == name && $0.kind == .stop && rollout.states[$0.id] == .failed
                        }
                    }
                    // Off a version that proved bad, as much as the old side can carry; else as careful as forward.
                    let carriers =
                        wasSplit
                        ? proven.filter { name in
                            world.running[name].map { one.good.contains($0.deployable.digest) } ?? false
                        } : proven
                    world.least =
                        !one.traffic.isCounted || one.rollout.strategy == .recreate
                        ? 0 : min(carriers.count, count) - max(spare, one.missing(count))
                    let way = Retreat.compile(rollout, to: one.old, asksHealth: { $0.health != nil })
                    take(rollout.advance(.retreat(way.steps, way.deployables)), one)
                case .suspend, .end: break
                }
            }
        }
    }

    private func plan(_ desired: Desired, _ world: Simulator, after superseded: Rollout? = nil, _ one: Case) -> Plan {
        Planner.plan(
            world.circumstances(
                desired, previous: one.old, good: one.good, unsettled: superseded?.traffic ?? [:], one.placement)
        ).plan
    }

    private func least(_ desired: Desired, _ world: Simulator, _ one: Case) -> Int {
        let count = desired.environment.workloads[0].replicas
        return !one.traffic.isCounted || one.rollout.strategy == .recreate
            ? 0 : min(world.serving.count, count) - one.missing(count)
    }

    private func expectWhole(_ run: Run, _ desired: Desired, _ one: Case, _ seed: Int, _ what: String) {
        let story =
            "\(what), seed \(seed), \(one.placement), traffic \(one.traffic), \(one.rollout.order)\n"
            + run.rollout.steps.map { "\($0.id) \($0.after) \($0.text): \(run.rollout.states[$0.id]?.rawValue ?? "")" }
            .joined(separator: "\n")
        #expect(run.world.broken.isEmpty, "\(run.world.broken)\n\(story)")
        let flaw = run.world.flaw(desired)
        #expect(flaw == nil, "\(flaw ?? "")\n\(story)")
    }

    private static let strategies = RolloutPolicy.Strategy.allCases

    @Test(arguments: strategies, 0..<150)
    func itEndsAtWhatIsWanted(_ strategy: RolloutPolicy.Strategy, _ seed: Int) {
        var one = Case(seed, strategy: strategy)
        var world = Simulator(one.old)
        world.least = least(one.new, world, one)
        var run = Run(world, plan(one.new, world, one))
        run.go(.none, after: 0, &one)
        expectWhole(run, one.new, one, seed, "forward")
        let good = one.good.union(one.new.deployables.values.map(\.digest))
        let settled = run.world.circumstances(one.new, previous: one.new, good: good, one.placement)
        #expect(Planner.plan(settled).plan.steps.isEmpty, "a second plan has nothing to do")
    }

    @Test(arguments: strategies, 0..<250)
    func itComesBackFromAnywhere(_ strategy: RolloutPolicy.Strategy, _ seed: Int) {
        var one = Case(seed, strategy: strategy)
        var world = Simulator(one.old)
        world.least = least(one.new, world, one)
        let plan = plan(one.new, world, one)
        var run = Run(world, plan)
        run.go(.failure, after: Int.random(in: 0..<max(1, plan.steps.count), using: &one.random), &one)
        expectWhole(run, one.old, one, seed, "back")
    }

    @Test(arguments: strategies, 0..<250)
    func aNewerVersionOrARevertTakesOverAnywhere(_ strategy: RolloutPolicy.Strategy, _ seed: Int) {
        var one = Case(seed, strategy: strategy)
        var world = Simulator(one.old)
        world.least = least(one.new, world, one)
        let plan = plan(one.new, world, one)
        var run = Run(world, plan)
        run.go(.superseded, after: Int.random(in: 0..<max(1, plan.steps.count), using: &one.random), &one)
        let next = Bool.random(using: &one.random) ? one.third : one.old
        world = run.world
        world.takeOver(one.good)
        world.least = least(next, world, one)
        let first = run.rollout.steps.map { "\($0.id) \($0.text): \(run.rollout.states[$0.id]?.rawValue ?? "")" }
        run = Run(world, self.plan(next, world, after: run.rollout, one))
        run.go(.none, after: 0, &one)
        expectWhole(
            run, next, one, seed, "\(next.commit) after\n" + first.joined(separator: "\n") + "\nthen")
        if next == one.old {
            let slow = run.rollout.steps.filter { [.monitor, .pause, .approve].contains($0.kind) }
            #expect(slow.isEmpty, "what passed here before has nothing to prove")
        }
    }

    @Test(arguments: strategies, 0..<250)
    func aVersionThatWasNotProvenProvesItselfWhenItIsWantedAgain(_ strategy: RolloutPolicy.Strategy, _ seed: Int) {
        var one = Case(seed, strategy: strategy)
        var world = Simulator(one.old)
        world.least = least(one.new, world, one)
        let plan = plan(one.new, world, one)
        var run = Run(world, plan)
        // At the last step everything may run already.
        let last = max(0, plan.steps.count - 1)
        run.go(
            .superseded, after: Bool.random(using: &one.random) ? last : Int.random(in: 0...last, using: &one.random),
            &one)
        let story = run.rollout.steps.map { "\($0.id) \($0.text): \(run.rollout.states[$0.id]?.rawValue ?? "")" }
        world = run.world
        world.takeOver(one.good)
        world.least = least(one.new, world, one)
        let again = self.plan(one.new, world, after: run.rollout, one)
        // What a version proves while the old one is there is the same however often it is interrupted.
        let isBeside = strategy == .blueGreen || one.placement == .sideBySide
        let names = one.new.environment.workloads[0].instances
        let hasOld = world.running.contains { name, instance in
            one.good.contains(instance.deployable.digest) && (isBeside || names.contains(name))
        }
        if hasOld, strategy == .canary || strategy == .blueGreen {
            let proof: [Step.Kind] = [.monitor, .approve, .pause]
            #expect(
                again.steps.map(\.kind).filter(proof.contains) == plan.steps.map(\.kind).filter(proof.contains),
                "\(story.joined(separator: "\n"))\nthen\n\(again.steps.map(\.text).joined(separator: "\n"))")
        }
        run = Run(world, again)
        // Where nothing of the good version is left, places change one by one on the way back.
        run.spare = one.rollout.maxParallel.parallel(of: 5)
        let fails = Int.random(in: 0..<4, using: &one.random) == 0
        run.go(
            fails ? .failure : .none, after: Int.random(in: 0..<max(1, again.steps.count), using: &one.random), &one)
        guard fails, run.rollout.failure != nil else {
            expectWhole(run, one.new, one, seed, "again after\n" + story.joined(separator: "\n") + "\nthen")
            #expect(run.world.unproven.isEmpty, "\(run.world.unproven) did not prove themselves")
            return
        }
        // What the rollout that failed did not touch is drift from then on.
        run.world.least = 0
        run = Run(run.world, self.plan(one.old, run.world, one))
        run.go(.none, after: 0, &one)
        expectWhole(run, one.old, one, seed, "back after\n" + story.joined(separator: "\n") + "\nthen")
    }
}
