import Model
import Planning
import Testing

/// What a dry run prints, as docs/strategies.md shows it.
@Suite struct StepTextTests {
    private func plan(_ rollout: RolloutPolicy, trusted: Bool = false) -> Plan {
        var workload = Fixture.workload("web", replicas: 4, rollout: rollout)
        workload.traffic = .map(["haproxy": .map(["backend": .string("web")])])
        func desired(_ version: String) -> Desired {
            var desired = Fixture.desired([workload], version: version)
            desired.deployables["web"] = Fixture.deployable(version, health: Check(.command(.plain("true"))))
            return desired
        }
        let (old, new) = (desired("1"), desired("2"))
        let world = Fixture.running(old)
        let versions = trusted ? [old, new] : [old]
        return Planner.plan(
            Circumstances(
                desired: new, inventory: world.inventory, observations: world.seen,
                knownGood: Set(versions.flatMap { $0.deployables.values.map(\.digest) }),
                asksHealth: { $0.health != nil }, placement: { _ in .sideBySide })
        ).plan
    }

    private func texts(_ plan: Plan) -> [String] {
        let digest = Fixture.deployable("2").digest.short
        return plan.steps.map { step in
            step.text.hasSuffix(" at \(digest)") ? String(step.text.dropLast(digest.count + 4)) : step.text
        }
    }

    @Test func canary() {
        let plan = plan(RolloutPolicy(strategy: .canary, promotion: .manual))
        func up(_ index: Int) -> [String] {
            ["start web-\(index)", "wait for web-\(index) to be healthy for 10s, at most 5m"]
        }
        #expect(
            texts(plan)
                == up(5) + [
                    "shift web to 10 % new (web-5), 90 % old (web-1 … web-4)", "watch web for 5m (health)",
                ] + up(6) + [
                    "shift web to 50 % new (web-5, web-6), 50 % old (web-1 … web-4)", "watch web for 10m (health)",
                    "ask for approval: shall the new version of web get everything?",
                ] + up(7) + up(8) + [
                    "shift web to 100 % new (web-5 … web-8); web-1 … web-4 leave, drained at most 30s", "stop web-1",
                    "stop web-2", "stop web-3", "stop web-4",
                ])
        #expect(plan.leastTime.description == "15m40s")
    }

    @Test func blueGreen() {
        let preview = Check(.http(url: .plain("http://127.0.0.1:8081/"), expect: 200))
        let plan = plan(RolloutPolicy(strategy: .blueGreen, maxParallel: .count(4), preview: [preview]))
        #expect(
            texts(plan).dropFirst(8).prefix(4) == [
                "smoke test of web: http http://127.0.0.1:8081/ expects 200",
                "shift web to 100 % new (web-5 … web-8), 0 % old (web-1 … web-4)", "watch web for 10m (health)",
                "shift web to 100 % new (web-5 … web-8); web-1 … web-4 leave, drained at most 30s",
            ])
    }

    @Test func rolling() {
        #expect(
            texts(plan(RolloutPolicy())).prefix(5) == [
                "start web-5", "wait for web-5 to be healthy for 10s, at most 5m",
                "give web-5 traffic like the others", "take web-1 out of traffic, drained at most 30s", "stop web-1",
            ])
    }

    @Test func whatPassedHereBeforeGoesStraight() {
        let plan = plan(RolloutPolicy(strategy: .canary, promotion: .manual), trusted: true)
        #expect(plan.leastTime == .zero && !plan.steps.contains { $0.kind == .approve })
    }

    @Test func requestsThatMatchAreNamed() {
        let match: Value = .map(["header": .map(["name": .string("x-beta"), "value": .string("yes")])])
        let plan = plan(RolloutPolicy(strategy: .canary, steps: [.match(match), .pause(.seconds(60))]))
        #expect(
            texts(plan).dropFirst(2).prefix(2) == [
                "shift web to 0 % new (web-5), 100 % old (web-1 … web-4), requests with header x-beta: yes to the new",
                "wait 1m",
            ])
    }

    @Test func sharesThatDifferAreDriftWithTheirFields() throws {
        var workload = Fixture.workload("web", replicas: 2)
        workload.traffic = .map(["haproxy": .map(["backend": .string("web")])])
        let desired = Fixture.desired([workload])
        let world = Fixture.running(desired)
        func plan(_ routes: RouteObservation) -> Plan {
            Planner.plan(
                Circumstances(
                    desired: desired, wasReached: true, inventory: world.inventory, observations: world.seen,
                    routes: ["web": routes], knownGood: Set(world.inventory.compactMap(\.digest)),
                    asksHealth: { _ in false })
            ).plan
        }
        #expect(plan(.seen(["web-1": 5000, "web-2": 5000])).steps.isEmpty)
        #expect(
            plan(.seen(["web-1": 1250, "web-2": 8705])).changes.first?.fields.map(\.from) == ["12.5 %", "87.05 %"])
        let drifted = plan(.seen(["web-1": 9000, "web-2": 1000]))
        let change = try #require(drifted.changes.first)
        #expect(change.cause == .drift && drifted.isRepair)
        #expect(change.fields.map(\.path) == ["traffic.web-1", "traffic.web-2"])
        #expect(change.fields.map(\.from) == ["90 %", "10 %"] && change.fields.map(\.to) == ["50 %", "50 %"])
        #expect(drifted.steps.map(\.text) == ["share web's traffic equally: web-1, web-2"])
        let unseen = plan(.unknown("no answer"))
        #expect(unseen.steps.isEmpty && unseen.untouched["web"] == "its routes could not be seen: no answer")
    }

    @Test func aCountWithinTheLimitsIsLeftAsItIs() {
        var workload = Fixture.workload("web", replicas: 4)
        workload.autoscaling = Autoscaling(min: 2, max: 5)
        let desired = Fixture.desired([workload])
        let world = Fixture.running(desired)
        func plan(running: Int, kept: Int? = nil, previous: Desired?) -> Plan {
            let inventory = world.inventory.filter { $0.index <= running }
            return Planner.plan(
                Circumstances(
                    desired: desired, previous: previous?.environment, inventory: inventory,
                    observations: world.seen.filter { key, _ in inventory.contains { $0.key == key } },
                    counts: kept.map { ["web": $0] } ?? [:], knownGood: Set(world.inventory.compactMap(\.digest)),
                    asksHealth: { _ in false }, placement: { _ in .sideBySide }
                )
            ).plan
        }
        #expect(plan(running: 3, previous: desired).steps.isEmpty)
        #expect(plan(running: 1, previous: desired).steps.count { $0.kind == .start } == 1)
        #expect(plan(running: 3, kept: 9, previous: desired).steps.count { $0.kind == .start } == 2)
        #expect(plan(running: 0, previous: nil).steps.count { $0.kind == .start } == 4)
    }

    /// What was brought there counts, not what happens to be left of it; what somebody added counts too.
    @Test func whatIsGoneWithinTheLimitsIsStartedAgain() {
        var workload = Fixture.workload("web", replicas: 2)
        workload.autoscaling = Autoscaling(min: 2, max: 5)
        let desired = Fixture.desired([workload])
        var large = workload
        large.autoscaling = nil
        large.replicas = 4
        let world = Fixture.running(Fixture.desired([large]))
        func plan(recorded: Int, gone: Set<String> = [], seen: Int? = nil, other: Set<String> = []) -> Plan {
            let inventory = world.inventory.filter { $0.index <= recorded }
            var observations = world.seen.filter { key, _ in
                world.inventory.contains {
                    $0.key == key && $0.index <= seen ?? recorded
                }
            }
            for key in observations.keys {
                if gone.contains(key.instance) { observations[key] = .absent }
                if other.contains(key.instance) { observations[key] = .running("another") }
            }
            return Planner.plan(
                Circumstances(
                    desired: desired, previous: desired.environment, wasReached: true, inventory: inventory,
                    observations: observations, asksHealth: { _ in false }, placement: { _ in .sideBySide })
            ).plan
        }
        func started(_ plan: Plan) -> [String?] { plan.steps.filter { $0.kind == .start }.map(\.instance) }

        #expect(plan(recorded: 3).steps.isEmpty)
        let crashed = plan(recorded: 3, gone: ["web-2"])
        #expect(started(crashed) == ["web-2"] && crashed.isRepair)
        #expect(started(plan(recorded: 4, gone: ["web-1", "web-4"])).count == 2)
        #expect(plan(recorded: 2, seen: 4).steps.isEmpty, "two more than were recorded")
        #expect(plan(recorded: 4, other: ["web-3"]).changes.first?.action == .update)
        #expect(started(plan(recorded: 4, other: ["web-3"])).count == 1, "what runs something else is put right")
    }

    @Test func thePipelineAsksAroundTheWorkloads() {
        let stages = PipelineStages(
            before: [.approve("")], after: [.monitor(.seconds(60)), .smoke([]), .approve("")])
        let desired = Fixture.desired([Fixture.workload("web")], policy: Policy(stages: stages))
        let steps = Fixture.plan(desired).plan.steps
        #expect(steps.map(\.kind) == [.approve, .start, .waitHealthy, .monitor, .approve])
        for (before, step) in zip(steps, steps.dropFirst()) { #expect(step.after == [before.id]) }
        // Repairing drift asks nobody.
        var world = Fixture.running(desired)
        world.seen[InstanceKey(instance: "web-1", driver: "shell")] = .absent
        let repair = Fixture.plan(desired, inventory: world.inventory, seen: world.seen).plan
        #expect(repair.steps.allSatisfy { $0.kind != .approve })
    }

    @Test func aGateInTheMiddleOfThePipelineIsAskedBeforehandWhereThereIsNoCanary() {
        let policy = Policy(stages: PipelineStages(asksWithin: true))
        let canary = RolloutPolicy(strategy: .canary, steps: [.weight(50), .approve("")])
        func desired(_ version: String, _ rollout: RolloutPolicy) -> Desired {
            let workloads = [
                Fixture.workload("api", rollout: RolloutPolicy()), Fixture.workload("web", rollout: rollout),
            ]
            return Fixture.desired(workloads, version: version, policy: policy)
        }
        func asks(_ desired: Desired, from old: Desired?, good: Set<Digest>? = nil) -> [String] {
            let world = old.map(Fixture.running)
            let plan = Fixture.plan(
                desired, inventory: world?.inventory ?? [], seen: world?.seen ?? [:], good: good, allowDelete: true
            ).plan
            let asks = plan.steps.filter { $0.kind == .approve }
            for step in plan.steps where [.start, .stop].contains(step.kind) {
                let waits = asks.contains { step.waits(for: $0.id, in: plan.steps) }
                #expect(waits || step.workload == "web" && asks.count == 2, "\(step.text) is not asked for")
            }
            return asks.map(\.text)
        }
        let before = "ask for approval: may api, web be changed without a canary?"
        // The first deployment, a version that passed here before, one without a strategy of its own, and a removal.
        #expect(asks(desired("1", canary), from: nil) == [before])
        let known = Set(desired("2", canary).deployables.values.map(\.digest))
        #expect(asks(desired("2", canary), from: desired("1", canary), good: known) == [before])
        #expect(asks(desired("2", RolloutPolicy()), from: desired("1", RolloutPolicy())) == [before])
        var less = desired("1", canary)
        less.environment.workloads.removeFirst()
        #expect(
            asks(less, from: desired("1", canary)) == [
                "ask for approval: may staging be changed without a canary?"
            ])
        #expect(
            asks(desired("2", canary), from: desired("1", canary)) == [
                "ask for approval: may api be changed without a canary?",
                "ask for approval: may the new version of web go on?",
            ])
    }
}

extension Step {
    fileprivate func waits(for id: Int, in steps: [Step]) -> Bool {
        after.contains(id) || after.contains { one in steps.contains { $0.id == one && $0.waits(for: id, in: steps) } }
    }
}
