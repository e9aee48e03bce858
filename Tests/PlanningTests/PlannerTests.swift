import Model
import Planning
import Testing

@Suite struct PlannerTests {
    @Test func nothingDiffersWhenEverythingRuns() {
        let desired = Fixture.desired([Fixture.workload("web", replicas: 3), Fixture.workload("db")])
        let world = Fixture.running(desired)
        let result = Fixture.plan(desired, inventory: world.inventory, seen: world.seen)
        #expect(result.plan.changes.isEmpty && result.plan.steps.isEmpty && result.plan.gates.isEmpty)
        #expect(result.comparison.adopted.isEmpty && result.comparison.vanished.isEmpty)
    }

    @Test func rollingKeepsItsWindow() {
        let rollout = RolloutPolicy(maxParallel: .count(2))
        let desired = Fixture.desired([Fixture.workload("web", replicas: 5, rollout: rollout)])
        let plan = Fixture.plan(desired).plan
        #expect(plan.changes.map(\.action) == [.create])
        let starts = plan.steps.filter { $0.kind == .start }
        let waits = plan.steps.filter { $0.kind == .waitHealthy }
        #expect(starts.count == 5 && waits.count == 5)
        for (start, wait) in zip(starts, waits) {
            #expect(start.begins == Step.Turn(row: starts[0].id, together: 2) && wait.ends == starts[0].id)
            #expect(start.after == [] && wait.after == [start.id])
        }
        // Three lots, each of which is watched for ten seconds.
        #expect(plan.leastTime == .seconds(30))
    }

    @Test func recreateRemovesAllBeforeItStartsAny() {
        let old = Fixture.desired([Fixture.workload("web", replicas: 3)])
        let world = Fixture.running(old)
        let rollout = RolloutPolicy(strategy: .recreate)
        let new = Fixture.desired([Fixture.workload("web", replicas: 3, rollout: rollout)], version: "2")
        let plan = Fixture.plan(new, inventory: world.inventory, seen: world.seen).plan
        let lastStop = plan.steps.lastIndex { $0.kind == .stop }
        let firstStart = plan.steps.firstIndex { $0.kind == .start }
        #expect(plan.steps.filter { $0.kind == .stop }.count == 3)
        #expect((lastStop ?? 99) < (firstStart ?? 0))
        let stops = Set(plan.steps.filter { $0.kind == .stop }.map(\.id))
        #expect(plan.steps.first { $0.kind == .start }.map { !stops.isDisjoint(with: $0.after) } == true)
    }

    @Test func knownGoodDigestsSkipTheBakeOnlyWhenAllAre() {
        let desired = Fixture.desired([Fixture.workload("a"), Fixture.workload("b")])
        let digests = Set(desired.deployables.values.map(\.digest))
        #expect(Fixture.plan(desired, good: digests).plan.steps.allSatisfy { $0.kind == .start })
        let some = Fixture.plan(desired, good: Set(digests.prefix(1))).plan
        #expect(some.steps.filter { $0.kind == .waitHealthy }.count == 2)
    }

    @Test func dependenciesGoFirstAndDeletesLastAfterSmoke() {
        let old = Fixture.desired([Fixture.workload("old"), Fixture.workload("db"), Fixture.workload("web")])
        let world = Fixture.running(old)
        let policy = Policy(smoke: [Check(.tcp(address: .plain("127.0.0.1:1")))])
        let new = Fixture.desired(
            [Fixture.workload("db"), Fixture.workload("web", after: ["db"])], version: "2", policy: policy)
        let steps = Fixture.plan(new, inventory: world.inventory, seen: world.seen).plan.steps
        let place = Dictionary(uniqueKeysWithValues: steps.map { ($0.text, $0.id) })
        let kinds = steps.map(\.kind)
        #expect(kinds.last == .stop && kinds.dropLast().last == .smokeTest)
        #expect(
            steps.first { $0.workload == "web" && $0.kind == .start }?.after
                == steps.filter { $0.workload == "db" }.suffix(1).map(\.id))
        #expect(place.count == steps.count, "every step has a text of its own")
    }

    @Test func unknownTouchesNeitherTheWorkloadNorItsDependants() {
        let desired = Fixture.desired([
            Fixture.workload("db"), Fixture.workload("web", after: ["db"]), Fixture.workload("mail"),
        ])
        let key = InstanceKey(instance: "db-1", driver: "shell")
        let plan = Fixture.plan(desired, seen: [key: .unknown("no answer")]).plan
        #expect(plan.changes.map(\.workload) == ["mail"])
        #expect(Set(plan.untouched.keys) == ["db", "web"])
    }

    @Test func driftNamesTheInstanceAndIsItsOwnCause() throws {
        let desired = Fixture.desired([Fixture.workload("web", replicas: 2)])
        var world = Fixture.running(desired)
        world.seen[InstanceKey(instance: "web-2", driver: "shell")] = .absent
        let plan = Fixture.plan(desired, inventory: world.inventory, seen: world.seen).plan
        let change = try #require(plan.changes.first)
        #expect(change.cause == .drift && change.action == .update && plan.isRepair)
        #expect(change.fields.map(\.path) == ["web-2"] && change.fields[0].from == "absent")
        #expect(plan.steps.filter { $0.kind == .start }.map(\.instance) == ["web-2"])
        #expect(plan.existing == nil && plan.deployables.count == 1, "what is never undone need not be known")
    }

    @Test func reportedDriftMakesNoSteps() {
        let desired = Fixture.desired([Fixture.workload("web")], policy: Policy(drift: .report))
        var world = Fixture.running(desired)
        world.seen[InstanceKey(instance: "web-1", driver: "shell")] = .running("by hand")
        let plan = Fixture.plan(desired, inventory: world.inventory, seen: world.seen).plan
        #expect(plan.changes.count == 1 && plan.steps.isEmpty)
        #expect(plan.gates.map(\.name) == ["drift"])
    }

    @Test func whatRunsAndWasNeverSeenToBeGoodIsProvedFirst() throws {
        let policy = Policy(smoke: [Check(.tcp(address: .plain("127.0.0.1:1")))])
        let desired = Fixture.desired([Fixture.workload("web", replicas: 2)], policy: policy)
        let world = Fixture.running(desired)
        let plan = Fixture.plan(desired, inventory: world.inventory, seen: world.seen, good: []).plan
        #expect(plan.steps.map(\.kind) == [.waitHealthy, .waitHealthy, .smokeTest])
        let change = try #require(plan.changes.first)
        let digest = world.inventory[0].deployable.digest.short
        #expect(change.cause == .commit && change.fields.map(\.path) == ["digest"])
        #expect(change.fields[0].from == "\(digest), not proven" && change.fields[0].to == digest)
        // While something cannot be seen no input becomes good, so nothing is asked to prove itself in every pass.
        let both = Fixture.desired([Fixture.workload("db")] + desired.environment.workloads, policy: policy)
        var seen = world.seen
        seen[InstanceKey(instance: "db-1", driver: "shell")] = .unknown("no answer")
        #expect(Fixture.plan(both, inventory: world.inventory, seen: seen, good: []).plan.steps.isEmpty)
        // What is found without a record is taken over as it is.
        #expect(Fixture.plan(desired, seen: world.seen, good: []).plan.steps.isEmpty)
    }

    @Test(arguments: [(1, 2, false), (2, 3, true), (1, 1, true), (3, 6, false)])
    func tooManyDeletesAsk(gone: Int, of whole: Int, waits: Bool) {
        let names = (0..<whole).map { "w\($0)" }
        let old = Fixture.desired(names.map { Fixture.workload($0) })
        let world = Fixture.running(old)
        let new = Fixture.desired(names.dropFirst(gone).map { Fixture.workload($0) })
        let plan = Fixture.plan(new, inventory: world.inventory, seen: world.seen).plan
        #expect(plan.gates.contains { $0.name == "max_delete" && $0.state == .waiting } == waits)
        let allowed = Fixture.plan(new, inventory: world.inventory, seen: world.seen, allowDelete: true).plan
        #expect(!allowed.gates.contains { $0.state == .waiting })
    }

    @Test func aChangeOfDriverReplaces() {
        let old = Fixture.desired([Fixture.workload("web")])
        let world = Fixture.running(old)
        let new = Fixture.desired([Fixture.workload("web", driver: "other")])
        let plan = Fixture.plan(new, inventory: world.inventory, seen: world.seen).plan
        #expect(plan.changes.map(\.action) == [.replace])
        #expect(plan.steps.prefix(2).map(\.kind) == [.stop, .start])
        #expect(plan.changes[0].fields.contains { $0.path == "driver" && $0.from == "shell" && $0.to == "other" })
    }

    @Test func fewerReplicasStopTheHighestLast() {
        let old = Fixture.desired([Fixture.workload("web", replicas: 4)])
        let world = Fixture.running(old)
        let new = Fixture.desired([Fixture.workload("web", replicas: 2)])
        let plan = Fixture.plan(new, inventory: world.inventory, seen: world.seen).plan
        #expect(plan.steps.map(\.instance) == ["web-4", "web-3"])
        #expect(plan.changes[0].fields.contains { $0.path == "replicas" && $0.from == "4" && $0.to == "2" })
    }

    @Test func whatIsOnlySaidOtherwiseIsTakenOverWithoutAStep() {
        let desired = Fixture.desired([Fixture.workload("web")])
        var world = Fixture.running(desired)
        world.inventory[0].deployable.block = .map(["apply": .string("install web1"), "observe": .string("old")])
        let result = Fixture.plan(desired, inventory: world.inventory, seen: world.seen)
        #expect(result.plan.steps.isEmpty && result.comparison.adopted.map(\.instance) == ["web-1"])
    }
}
