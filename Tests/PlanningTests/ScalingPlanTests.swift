import Model
import Planning
import Testing

/// What a plan makes of a count that a metric decided.
@Suite struct ScalingPlanTests {
    private let because = "web: 2 to 4, because cpu is 0.91 where 0.5 is wanted"

    private func desired(
        _ strategy: RolloutPolicy.Strategy = .rolling, replicas: Int = 2, drift: Policy.Drift = .repair,
        version: String = "1"
    ) -> Desired {
        var web = Fixture.workload(
            "web", replicas: replicas, rollout: RolloutPolicy(strategy: strategy, promotion: .manual))
        web.autoscaling = Autoscaling(min: 2, max: 6, metric: ScalingMetric(probe: .container(.restarts), target: 1))
        var policy = Policy()
        policy.drift = drift
        policy.stages = PipelineStages(before: [.approve("")], after: [.monitor(.seconds(60))])
        return Fixture.desired([web], version: version, policy: policy)
    }

    private func circumstances(_ desired: Desired, running: Desired, counts: [String: Int]) -> Circumstances {
        let world = Fixture.running(running)
        return Circumstances(
            desired: desired, previous: running.environment, wasReached: desired.input == running.input,
            inventory: world.inventory, observations: world.seen, counts: counts, because: ["web": because],
            knownGood: Set(running.deployables.values.map(\.digest)), asksHealth: { $0.health != nil })
    }

    @Test(arguments: RolloutPolicy.Strategy.allCases, [Policy.Drift.repair, .report])
    func scalingOnlyStartsAtTheSameDigest(_ strategy: RolloutPolicy.Strategy, _ drift: Policy.Drift) throws {
        let desired = desired(strategy, drift: drift)
        let plan = Planner.plan(circumstances(desired, running: desired, counts: ["web": 4])).plan
        let change = try #require(plan.changes.first)
        #expect(plan.changes.count == 1 && change.cause == .commit && change.because == because)
        #expect(change.fields == [.init(path: "replicas", from: "2", to: "4")])
        #expect(plan.isRepair && !plan.hasDrift && plan.gates.isEmpty)
        #expect(plan.steps.map(\.kind) == [.start, .start])
        #expect(plan.steps.map(\.instance) == ["web-3", "web-4"])
        #expect(Set(plan.deployables.values) == Set(desired.deployables.values))
    }

    @Test(arguments: RolloutPolicy.Strategy.allCases)
    func scalingDownOnlyStops(_ strategy: RolloutPolicy.Strategy) {
        let desired = desired(strategy, replicas: 4)
        let plan = Planner.plan(circumstances(desired, running: desired, counts: ["web": 2])).plan
        #expect(plan.changes.map(\.because) == [because])
        #expect(plan.steps.map(\.kind) == [.stop, .stop])
        #expect(Set(plan.steps.compactMap(\.instance)) == ["web-3", "web-4"])
    }

    @Test func limitsHoldWhateverIsRecorded() {
        let desired = desired(replicas: 4)
        for (kept, count) in [(50, 6), (0, 2), (4, 4)] {
            let result = Planner.plan(circumstances(desired, running: desired, counts: ["web": kept]))
            #expect(result.plan.steps.count == abs(count - 4))
            #expect((result.comparison.settled["web"]?.count == 4) == (count == 4))
        }
    }

    @Test func aCommitKeepsTheCountAndIsACommit() {
        let new = desired(version: "2")
        let plan = Planner.plan(circumstances(new, running: desired(replicas: 4), counts: ["web": 4])).plan
        #expect(plan.changes.map(\.cause) == [.commit] && plan.changes.map(\.because) == [nil])
        #expect(!plan.isRepair)
        #expect(plan.steps.filter { $0.kind == .start }.count == 4)
    }

    @Test func whatIsMissingIsDriftAndNotSettled() {
        let desired = desired(replicas: 4)
        var now = circumstances(desired, running: desired, counts: ["web": 4])
        now.because = [:]
        now.observations[InstanceKey(instance: "web-2", driver: "shell")] = .absent
        let result = Planner.plan(now)
        #expect(result.plan.changes.map(\.cause) == [.drift] && result.plan.hasDrift)
        #expect(result.comparison.settled.isEmpty)
    }
}
