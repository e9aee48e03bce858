import Model
import Planning
import Testing

/// Steps of a rollout that come when the new version has everything.
@Suite struct LateStepTests {
    private func desired(_ strategy: RolloutPolicy.Strategy, _ version: String) -> Desired {
        let steps: [RolloutStep] =
            (strategy == .canary ? [.weight(100)] : []) + [.monitor(.seconds(300)), .pause(.seconds(5)), .approve("")]
        var web = Fixture.workload(
            "web", replicas: 3,
            rollout: RolloutPolicy(strategy: strategy, maxParallel: .count(3), steps: steps, keepOld: .zero))
        web.monitors = [Monitor(name: "errors", probe: .container(.restarts))]
        return Fixture.desired([web], version: version, commit: "c" + version)
    }

    private func plan(
        _ strategy: RolloutPolicy.Strategy, _ placement: DriverDescription.Placement, good: [String] = ["1"]
    ) -> Plan {
        let (old, new) = (desired(strategy, "1"), desired(strategy, "2"))
        let world = Fixture.running(old)
        return Planner.plan(
            Circumstances(
                desired: new, previous: old.environment, inventory: world.inventory, observations: world.seen,
                knownGood: Set(good.flatMap { desired(strategy, $0).deployables.values.map(\.digest) }),
                asksHealth: { $0.health != nil }, placement: { _ in placement })
        ).plan
    }

    @Test(arguments: RolloutPolicy.Strategy.allCases, [DriverDescription.Placement.inPlace, .sideBySide])
    func allOfTheNewVersionIsWatched(
        _ strategy: RolloutPolicy.Strategy, _ placement: DriverDescription.Placement
    ) throws {
        let plan = plan(strategy, placement)
        let step = try #require(plan.steps.first { $0.kind == .monitor })
        guard case .monitor(let watch) = step.act else { return #expect(Bool(false), "\(step)") }
        #expect(watch.span == .seconds(300) && watch.monitors.map(\.name) == ["errors"])
        #expect(watch.canary.count == 3)
        #expect(plan.steps.filter { [.monitor, .pause, .approve].contains($0.kind) }.count == 3)
        // It begins when every instance of the new version is there.
        var before = Set(step.after)
        while true {
            let more = before.union(plan.steps.filter { before.contains($0.id) }.flatMap(\.after))
            if more == before { break }
            before = more
        }
        #expect(plan.steps.filter { $0.kind == .start && before.contains($0.id) }.count == 3)
        if strategy != .canary {
            #expect(watch.baseline.isEmpty)
            #expect(plan.steps.filter { $0.kind == .stop }.allSatisfy { before.contains($0.id) })
        }
    }

    /// All of the new version runs, and its rollout was superseded before it had proved itself.
    @Test(arguments: [RolloutPolicy.Strategy.rolling, .recreate, .blueGreen], [true, false])
    func whatOnlyProvesItselfIsWatchedToo(_ strategy: RolloutPolicy.Strategy, _ hasGood: Bool) throws {
        let (old, new) = (desired(strategy, "1"), desired(strategy, "2"))
        let world = Fixture.running(new)
        let plan = Planner.plan(
            Circumstances(
                desired: new, previous: old.environment, inventory: world.inventory, observations: world.seen,
                knownGood: hasGood ? Set(old.deployables.values.map(\.digest)) : [],
                asksHealth: { $0.health != nil })
        ).plan
        #expect(plan.steps.allSatisfy { $0.kind != .start && $0.kind != .stop } && !plan.steps.isEmpty)
        let late = plan.steps.filter { [.monitor, .pause, .approve].contains($0.kind) }
        #expect(late.count == (hasGood ? 3 : 0), "\(plan.steps.map(\.text))")
        guard hasGood else { return }
        guard case .monitor(let watch)? = late.first?.act else {
            Issue.record("the first of them watches nothing: \(late)")
            return
        }
        #expect(watch.canary.count == 3 && watch.baseline.isEmpty)
    }

    @Test(arguments: RolloutPolicy.Strategy.allCases)
    func whatPassedHereBeforeIsNotWatched(_ strategy: RolloutPolicy.Strategy) {
        let steps = plan(strategy, .inPlace, good: ["1", "2"]).steps
        #expect(!steps.isEmpty && steps.allSatisfy { ![.monitor, .pause, .approve].contains($0.kind) })
    }
}
