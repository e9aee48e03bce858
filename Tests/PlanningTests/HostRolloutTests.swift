import Model
import Testing

@testable import Planning

/// Rollouts across hosts: who is first, who is together, who is left alone, and what is taken back.
@Suite struct HostRolloutTests {
    private static func plan(
        _ fleet: Fleet, _ desired: Desired, good: Set<Digest> = [], wasReached: Bool = false
    ) -> Plan {
        Planner.plan(fleet.circumstances(desired, good: good, wasReached: wasReached)).plan
    }

    private static func digests(_ desired: Desired) -> Set<Digest> { Set(desired.deployables.values.map(\.digest)) }

    private static func starts(_ plan: Plan) -> [String] {
        plan.steps.filter { $0.kind == .start }.compactMap(\.instance)
    }

    @Test func theFirstHostIsAloneAndThenZonesFollow() throws {
        var one = Fleet.Case()
        one.rollout.maxParallel = .count(10)
        one.rollout.batchBy = "zone"
        let (old, new) = (Fleet.desired(one, version: "1"), Fleet.desired(one, version: "2"))
        let plan = Self.plan(Fleet(one, running: old), new, good: Self.digests(old))
        #expect(Self.starts(plan) == ["h1", "h3", "h5", "h7", "h2", "h4", "h6", "h8"].map { "web@" + $0 })
        let starts = plan.steps.filter { $0.kind == .start }
        let waits = plan.steps.filter { $0.kind == .waitHealthy }
        #expect(starts[0].after == [] && starts[1].after == [waits[0].id] && starts[3].after == [waits[0].id])
        #expect(Set(starts[4].after) == Set(waits[1...3].map(\.id)), "\(starts[4])")
        #expect(starts[0].isLosable == nil && starts[1].isLosable == true)
        #expect(plan.changes.map(\.cause) == [.commit] && plan.changes[0].fields.map(\.path) == ["fleet.release"])
        #expect(plan.losable == ["web": 8])
    }

    /// How many starts may be under way together at the beginning.
    private static func beginning(_ plan: Plan) -> Int {
        var rollout = Rollout(plan, purpose: .deploy)
        return rollout.advance(.resume).count { if case .run(let step) = $0 { step.kind == .start } else { false } }
    }

    @Test func nobodyIsFirstWhereNothingHasToProveItself() {
        var one = Fleet.Case()
        one.rollout.maxParallel = .percent(50)
        let (old, new) = (Fleet.desired(one, version: "1"), Fleet.desired(one, version: "2"))
        let first = Self.plan(Fleet(one, running: nil), new)
        #expect(Self.beginning(first) == 4)
        #expect(first.changes.first?.action == .create)
        let back = Self.plan(Fleet(one, running: new), old, good: Self.digests(old))
        #expect(Self.beginning(back) == 4)
        one.rollout.first = .count(0)
        let all = Self.plan(Fleet(one, running: old), Fleet.desired(one, version: "2"), good: Self.digests(old))
        #expect(Self.beginning(all) == 4)
    }

    @Test func hostsThatJoinAreStartedAndHostsThatLeaveAreStopped() {
        let one = Fleet.Case()
        let old = Fleet.desired(one, version: "1", hosts: ["h1", "h2", "h3"])
        let new = Fleet.desired(one, version: "1", hosts: ["h2", "h3", "h4"])
        let plan = Self.plan(Fleet(one, running: old), new, good: Self.digests(old))
        #expect(
            plan.steps.filter { $0.kind != .waitHealthy }.map(\.text).map { $0.split(separator: " ")[0...1] } == [
                ["start", "web@h4"], ["stop", "web@h1"],
            ], "\(plan.steps.map(\.text))")
        #expect(plan.changes[0].cause == .commit)
    }

    @Test func hostsThatCannotBeSeenAreLeftAloneAndCaughtUp() {
        let one = Fleet.Case()
        let (old, new) = (Fleet.desired(one, version: "1"), Fleet.desired(one, version: "2"))
        var fleet = Fleet(one, running: old)
        fleet.away = ["web@h1", "web@h5"]
        let plan = Self.plan(fleet, new, good: Self.digests(old))
        #expect(Self.starts(plan) == ["h2", "h3", "h4", "h6", "h7", "h8"].map { "web@" + $0 })
        #expect(plan.unreachable == ["web@h1": "no route", "web@h5": "no route"] && plan.untouched.isEmpty)
        #expect(plan.losable == ["web": 6])
        var random = Seeded(1)
        let rollout = fleet.carryOut(plan, good: old, random: &random) { _, _ in .well }
        #expect(rollout.state == .ended(.applied, reason: "") && fleet.broken == [])
        fleet.away = []
        var later = new
        later.environment.policy.drift = .report
        let next = Self.plan(fleet, later, good: Self.digests(new), wasReached: true)
        #expect(Self.starts(next) == ["web@h1", "web@h5"] && next.unreachable == nil && next.isRepair)
    }

    @Test func whoCannotBeSeenKeepsItsTrafficAndGetsNoneThatItHadNot() {
        var one = Fleet.Case()
        one.hasTraffic = true
        let old = Fleet.desired(one, version: "1")
        var fleet = Fleet(one, running: old)
        fleet.away = ["web@h1", "web@h5"]
        #expect(Self.plan(fleet, old, good: Self.digests(old), wasReached: true).steps.isEmpty)
        fleet.weights.remove("web@h1")
        #expect(Self.plan(fleet, old, good: Self.digests(old), wasReached: true).steps.isEmpty)
        // Somebody took another one out by hand: only that is put right.
        fleet.weights.remove("web@h2")
        let repair = Self.plan(fleet, old, good: Self.digests(old), wasReached: true)
        #expect(repair.steps.map(\.text) == ["share web's traffic equally: web@h2 … web@h8"])
    }

    @Test func tooManyOutOfReachLeaveTheWorkloadAlone() {
        var one = Fleet.Case()
        one.rollout.maxUnreachable = .count(1)
        let (old, new) = (Fleet.desired(one, version: "1"), Fleet.desired(one, version: "2"))
        var fleet = Fleet(one, running: old)
        fleet.away = ["web@h1", "web@h5"]
        let plan = Self.plan(fleet, new)
        #expect(plan.steps.isEmpty && plan.unreachable == nil)
        #expect(
            plan.untouched == [
                "web": "2 of its 8 hosts cannot be seen, more than max_unreachable 1: web@h1: no route"
            ])
        one.rollout.maxUnreachable = .percent(100)
        var all = Fleet(one, running: old)
        all.away = Set(all.running.keys)
        #expect(
            Self.plan(all, Fleet.desired(one, version: "2")).untouched == [
                "web": "none of its hosts can be seen: web@h1: no route"
            ])
    }

    @Test func aFirstHostThatGetsLostStopsEverything() {
        let one = Fleet.Case()
        let (old, new) = (Fleet.desired(one, version: "1"), Fleet.desired(one, version: "2"))
        var fleet = Fleet(one, running: old)
        var random = Seeded(3)
        let rollout = fleet.carryOut(Self.plan(fleet, new, good: Self.digests(old)), good: old, random: &random) {
            _, _ in
            .gone
        }
        #expect(rollout.state == .ended(.error, reason: "no route") && fleet.begun == ["web@h1"])
    }

    /// It was started, and is out of reach before anybody knows how it is: whoever waits for its place goes on.
    @Test(arguments: 0..<20 as Range<UInt64>) func aHostThatGetsLostWhileItIsWaitedForFreesItsPlace(_ seed: UInt64) {
        var one = Fleet.Case()
        one.rollout.maxParallel = .count(1)
        one.rollout.maxUnreachable = .count(1)
        let (old, new) = (Fleet.desired(one, version: "1"), Fleet.desired(one, version: "2"))
        var fleet = Fleet(one, running: old)
        var random = Seeded(seed &+ 11)
        let plan = Self.plan(fleet, new, good: Self.digests(old))
        let rollout = fleet.carryOut(plan, good: old, random: &random) { step, _ in
            step.kind == .waitHealthy && step.instance == "web@h3" ? .gone : .well
        }
        #expect(rollout.state == .ended(.applied, reason: "") && fleet.broken == [])
        #expect(rollout.lost == ["web@h3": "no route"] && fleet.begun.count == 8 && fleet.most == 1)
    }

    /// Any fleet, any fates, any order, deaths of the process in between: every promise holds.
    @Test(arguments: 0..<600)
    func promisesHold(_ seed: UInt64) {
        var random = Seeded(seed &+ 7)
        var one = Fleet.Case()
        one.hosts = (1...Int.random(in: 1...12, using: &random)).map { "h\($0)" }
        one.rollout.maxParallel = [.count(1), .count(3), .percent(50)].randomElement(using: &random) ?? .count(1)
        one.rollout.maxUnavailable = [nil, .count(2)].randomElement(using: &random) ?? nil
        one.rollout.first = [nil, .count(0), .count(2)].randomElement(using: &random) ?? nil
        one.rollout.batchBy = [nil, "zone"].randomElement(using: &random) ?? nil
        one.rollout.maxUnreachable = [.count(0), .count(2), .percent(100)].randomElement(using: &random) ?? .count(0)
        one.rollout.strategy = [.rolling, .rolling, .recreate, .canary].randomElement(using: &random) ?? .rolling
        one.hasTraffic = Bool.random(using: &random)
        let (old, new) = (Fleet.desired(one, version: "1"), Fleet.desired(one, version: "2"))
        var fleet = Fleet(one, running: old)
        let names = fleet.running.keys.sorted()
        fleet.away = Set(names.filter { _ in Int.random(in: 0..<8, using: &random) == 0 })
        let away = fleet.away
        let good = Self.digests(old)
        let plan = Self.plan(fleet, new, good: good)
        let before = fleet.running
        let ill = Int.random(in: 0..<3, using: &random) == 0 ? names.randomElement(using: &random) : nil
        let flaky = Set(names.filter { _ in Int.random(in: 0..<8, using: &random) == 0 })
        let newDigest = Self.digests(new).first
        var dice = random
        let rollout = fleet.carryOut(
            plan, good: old, random: &random, restarts: Int.random(in: 0...2, using: &dice)
        ) { step, _ in
            if let name = step.instance, flaky.contains(name), Int.random(in: 0..<3, using: &dice) == 0 { return .gone }
            if step.instance == ill, case .waitHealthy(let id, _, _) = step.act,
                plan.deployables[id]?.digest == newDigest
            {
                return .ill
            }
            return .well
        }
        let what = "seed \(seed): \(one.rollout), away \(away), lost \(rollout.lost), \(rollout.state)"
        #expect(fleet.broken == [], "\(what)")
        #expect(away.isDisjoint(with: fleet.begun), "\(what)")
        guard case .ended(let outcome, _) = rollout.state else { return }
        guard plan.untouched.isEmpty else {
            #expect(plan.steps.isEmpty, "\(what)")
            return catchUp(&fleet, new, good: good, what, &random)
        }
        let limit = one.rollout.maxUnreachable.part(of: one.hosts.count)
        #expect(rollout.lost.count + away.count <= limit || rollout.lost.isEmpty, "\(what)")
        if one.rollout.strategy == .rolling {
            let window = min(
                one.rollout.maxParallel.parallel(of: one.hosts.count),
                one.rollout.maxUnavailable.map { max(1, $0.part(of: one.hosts.count)) } ?? .max)
            #expect(fleet.most <= window, "\(fleet.most) at a time, \(what)")
        }
        if one.hasTraffic, one.rollout.strategy != .recreate {
            #expect(away.isSubset(of: fleet.weights), "who cannot be seen keeps its traffic: \(fleet.weights), \(what)")
        }
        if one.hasTraffic { #expect(fleet.weights.isDisjoint(with: rollout.lost.keys), "\(fleet.weights), \(what)") }
        let reached = fleet.running.filter { !away.contains($0.key) && rollout.lost[$0.key] == nil }
        switch outcome {
        case .applied:
            #expect(reached.allSatisfy { $0.value.digest == newDigest }, "\(what)")
        case .rolledBack:
            #expect(reached.allSatisfy { $0.value.digest != newDigest || fleet.away.contains($0.key) }, "\(what)")
            #expect(
                reached.count == before.keys.filter { !away.contains($0) && rollout.lost[$0] == nil }.count, "\(what)")
        default: break
        }
        for (name, there) in fleet.running where !fleet.begun.contains(name) {
            #expect(there == before[name], "\(name) was not touched, \(what)")
        }
        catchUp(&fleet, new, good: good, what, &random)
    }

    /// Everyone is back: one pass brings all to what is wanted, and the next has nothing to do.
    private func catchUp(
        _ fleet: inout Fleet, _ new: Desired, good: Set<Digest>, _ what: String, _ random: inout Seeded
    ) {
        fleet.away = []
        let rollout = fleet.carryOut(Self.plan(fleet, new, good: good), good: nil, random: &random) { _, _ in .well }
        if !rollout.steps.isEmpty { #expect(rollout.state == .ended(.applied, reason: ""), "\(what)") }
        #expect(fleet.running.count == new.deployables.count, "\(what)")
        #expect(fleet.running.allSatisfy { $0.value.digest == new.deployables[$0.key]?.digest }, "\(what)")
        if fleet.one.hasTraffic { #expect(fleet.weights == Set(fleet.running.keys), "\(what)") }
        #expect(fleet.broken == [], "\(what)")
        let all = good.union(Self.digests(new))
        #expect(Self.plan(fleet, new, good: all).steps.isEmpty, "\(what)")
    }

    /// What 500 hosts cost is measured by `make bench-ssh`.
    @Test func manyHostsAreTwoStepsEach() {
        var one = Fleet.Case()
        one.hosts = (1...500).map { "h\($0)" }
        one.rollout.maxParallel = .count(30)
        let (old, new) = (Fleet.desired(one, version: "1"), Fleet.desired(one, version: "2"))
        var fleet = Fleet(one, running: old)
        let plan = Planner.plan(fleet.circumstances(new, good: Self.digests(old))).plan
        #expect(plan.steps.count == 1000)
        var random = Seeded(1)
        let rollout = fleet.carryOut(plan, good: old, random: &random) { _, _ in .well }
        #expect(rollout.state == .ended(.applied, reason: ""))
    }
}
