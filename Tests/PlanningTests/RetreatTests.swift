import Model
import Planning
import Testing

@Suite struct RetreatTests {
    /// Runs a rollout forward until the steps named are done and one has failed, then gives the way back.
    private func retreat(_ plan: Plan, done: [Int], failed: Int, to good: Desired) -> [Step] {
        var rollout = Rollout(plan, purpose: .deploy)
        _ = rollout.advance(.resume)
        for id in done { _ = rollout.advance(.done(id)) }
        _ = rollout.advance(.failed(failed, Failure(.act, reason: "no")))
        return Retreat.compile(rollout, to: good, asksHealth: { _ in false }).steps
    }

    @Test func onlyWhatWasTouchedGoesBackInReverse() {
        let good = Fixture.desired([Fixture.workload("web", replicas: 4)])
        let world = Fixture.running(good)
        let bad = Fixture.desired([Fixture.workload("web", replicas: 4)], version: "2", commit: "c2")
        let plan = Fixture.plan(bad, inventory: world.inventory, seen: world.seen).plan
        // start web-1, wait, start web-2 fails
        let steps = retreat(plan, done: [1, 2], failed: 3, to: good)
        #expect(steps.map(\.instance) == ["web-2", "web-1"])
        #expect(steps.allSatisfy { $0.kind == .start })
        #expect(steps.first?.id == plan.steps.count + 1)
    }

    @Test func itCountsAsAPlanDoes() {
        var workload = Fixture.workload("web", replicas: 3)
        workload.autoscaling = Autoscaling(min: 1, max: 6)
        let good = Fixture.desired([workload])
        let third = Fixture.desired([workload], version: "3", commit: "c3")
        // Three of the good version and a canary of a rollout that was superseded.
        var world = Fixture.running(good)
        let canary = Fixture.deployable("web2")
        world.inventory.append(
            InstanceRecord(
                workload: "web", instance: "web-4", index: 4, deployable: canary, commit: "c2", digest: canary.digest))
        world.seen[InstanceKey(instance: "web-4", driver: "shell")] = .running(canary.digest.hex)
        let plan = Planner.plan(
            Circumstances(
                desired: third, previous: good.environment, inventory: world.inventory, observations: world.seen,
                knownGood: Set(good.deployables.values.map(\.digest)), asksHealth: { _ in false },
                placement: { _ in .sideBySide })
        ).plan
        let starts = plan.steps.filter { $0.kind == .start }
        #expect(starts.count == 3)
        let stop = plan.steps.first { $0.kind == .stop }
        #expect(stop?.instance == "web-4")
        let back = retreat(plan, done: [stop?.id ?? 0], failed: starts.first?.id ?? 0, to: good)
        #expect(!back.contains { $0.kind == .start }, "\(back.map(\.text))")
    }

    @Test func itGoesBackToWhatTheMovingNameStoodForWhereItRan() {
        var good = Fixture.desired([Fixture.workload("web", replicas: 2)])
        good.deployables["web"]?.pin = .string("ran")
        let world = Fixture.running(good)
        let bad = Fixture.desired([Fixture.workload("web", replicas: 2)], version: "2", commit: "c2")
        let plan = Fixture.plan(bad, inventory: world.inventory, seen: world.seen).plan
        var rollout = Rollout(plan, purpose: .deploy)
        _ = rollout.advance(.resume)
        _ = rollout.advance(.failed(1, Failure(.act, reason: "no")))
        good.deployables["web"]?.pin = .string("recorded later")
        let back = Retreat.compile(rollout, to: good, asksHealth: { _ in false })
        let starts = back.steps.compactMap { step -> Value? in
            guard case .start(let id) = step.act else { return nil }
            return back.deployables[id]?.pin
        }
        #expect(starts == [.string("ran")])
    }

    @Test func whatItCreatedIsRemoved() {
        let good = Fixture.desired([Fixture.workload("web")])
        let world = Fixture.running(good)
        let bad = Fixture.desired([Fixture.workload("new"), Fixture.workload("web")], version: "2", commit: "c2")
        let plan = Fixture.plan(bad, inventory: world.inventory, seen: world.seen).plan
        let new = plan.steps.first { $0.workload == "new" && $0.kind == .start }
        let web = plan.steps.first { $0.workload == "web" && $0.kind == .start }
        let steps = retreat(plan, done: [web?.id ?? 0], failed: new?.id ?? 0, to: good)
        #expect(steps.contains { $0.kind == .stop && $0.instance == "new-1" })
        #expect(steps.contains { $0.kind == .start && $0.instance == "web-1" })
        #expect(!steps.contains { $0.kind == .stop && $0.instance == "web-1" })
    }

    @Test func aDeletedOneIsAppliedAgain() {
        let good = Fixture.desired([Fixture.workload("a"), Fixture.workload("b"), Fixture.workload("c")])
        let world = Fixture.running(good)
        let bad = Fixture.desired([Fixture.workload("c")], commit: "c2")
        let plan = Fixture.plan(bad, inventory: world.inventory, seen: world.seen, allowDelete: true).plan
        #expect(plan.steps.map(\.kind) == [.stop, .stop])
        let steps = retreat(plan, done: [1], failed: 2, to: good)
        #expect(steps.map(\.kind) == [.start, .start])
        #expect(Set(steps.compactMap(\.instance)) == ["a-1", "b-1"])
    }

    @Test func aReplacedDriverGoesBackToTheOldOne() {
        let good = Fixture.desired([Fixture.workload("web")])
        let world = Fixture.running(good)
        let bad = Fixture.desired([Fixture.workload("web", driver: "other")], commit: "c2")
        let plan = Fixture.plan(bad, inventory: world.inventory, seen: world.seen).plan
        let steps = retreat(plan, done: [1], failed: 2, to: good)
        #expect(steps.map(\.kind) == [.stop, .start])
    }
}
