import Model
import Planning
import Testing

/// The transition function under any sequence of events.
@Suite struct RolloutTests {
    private static func world(_ seed: UInt64) -> (plan: Plan, good: Desired) {
        var random = Seeded(seed)
        let parallel = Share.count(Int.random(in: 1...3, using: &random))
        let strategy: RolloutPolicy.Strategy = Bool.random(using: &random) ? .rolling : .recreate
        let rollout = RolloutPolicy(strategy: strategy, maxParallel: parallel)
        let replicas = Int.random(in: 1...4, using: &random)
        let policy = Policy(smoke: [Check(.tcp(address: .plain("127.0.0.1:1")))])
        let workloads = [
            Fixture.workload("db", rollout: rollout),
            Fixture.workload("web", replicas: replicas, after: ["db"], rollout: rollout),
        ]
        let good = Fixture.desired(workloads + [Fixture.workload("old")], policy: policy)
        let running = Fixture.running(good)
        let bad = Fixture.desired(workloads, version: "2", policy: policy, commit: "c2")
        return (Fixture.plan(bad, inventory: running.inventory, seen: running.seen).plan, good)
    }

    private static func event(_ rollout: Rollout, _ good: Desired, _ random: inout Seeded) -> Rollout.Event {
        let id = Int.random(in: 0...(rollout.steps.count + 1), using: &random)
        let known = rollout.underWay.randomElement(using: &random)?.id ?? id
        let failure = Failure([.act, .health, .smoke, .unknown].randomElement(using: &random) ?? .act, reason: "no")
        switch Int.random(in: 0..<15, using: &random) {
        case 0...4: return .done(known)
        case 5: return .failed(known, failure)
        case 6: return .cut(known)
        case 7: return .settled(id, isDone: Bool.random(using: &random))
        case 8: return .halt(.paused("by hand"))
        case 9: return .halt(.ending)
        case 10: return Int.random(in: 0..<8, using: &random) == 0 ? .halt(.superseded("c3")) : .resume
        case 11: return .halt(.failed(failure))
        case 13: return .waiting(known, gate)
        case 12:
            let way = Retreat.compile(rollout, to: good, asksHealth: { _ in false })
            return .retreat(way.steps, way.deployables)
        default: return .resume
        }
    }

    @Test(arguments: 1...400)
    func anySequenceEndsWhereItCanGoOnAndRunsNothingTwice(seed: Int) {
        var (plan, good) = Self.world(UInt64(seed))
        plan.notes = []
        var random = Seeded(UInt64(seed) &+ 7919)
        var rollout = Rollout(plan, purpose: [.deploy, .repair, .rollback].randomElement(using: &random) ?? .deploy)
        var running: Set<Int> = []
        var finished: Set<Int> = []
        for _ in 0..<200 {
            let event = Self.event(rollout, good, &random)
            switch event {
            case .done(let id) where running.contains(id): finished.insert(id); running.remove(id)
            case .settled(let id, let isDone) where running.contains(id):
                running.remove(id)
                if isDone { finished.insert(id) }
            case .failed(let id, _), .cut(let id), .waiting(let id, _): running.remove(id)
            default: break
            }
            for effect in rollout.advance(event) {
                if case .run(let step) = effect {
                    #expect(!finished.contains(step.id), "a step that finished runs again")
                    #expect(running.insert(step.id).inserted, "a step is run while it runs")
                    #expect(waitsForNothing(step, rollout), "a step runs before what it waits for")
                }
            }
            #expect(running == Set(rollout.underWay.map(\.id)))
            if case .ended = rollout.state { #expect(rollout.underWay.isEmpty) }
            // What was journaled means the same after a restart.
            let journaled = rollout.states.filter { $0.value != .skipped }
            if case .ended = rollout.state { continue }
            let again = Rollout(rollout.stored, states: journaled)
            #expect(again.state == rollout.state && again.states == rollout.states)
            #expect(again.steps == rollout.steps && again.underWay == rollout.underWay)
            #expect(resumed(again) == resumed(rollout))
        }
        finish(&rollout, good)
    }

    private func resumed(_ rollout: Rollout) -> [Rollout.Effect] {
        var rollout = rollout
        return rollout.advance(.resume)
    }

    /// Of a row no more turns are under way than may be.
    private func waitsForNothing(_ step: Step, _ rollout: Rollout) -> Bool {
        guard step.after.allSatisfy({ rollout.states[$0] == .done }) else { return false }
        guard let turn = step.begins else { return true }
        let begun = rollout.steps.count { $0.begins?.row == turn.row && rollout.states[$0.id] != .planned }
        return begun - rollout.steps.count { $0.ends == turn.row && rollout.states[$0.id] == .done } <= turn.together
    }

    /// Whatever happened, driving it on with good news reaches an end.
    private func finish(_ rollout: inout Rollout, _ good: Desired) {
        for step in rollout.underWay { _ = rollout.advance(.settled(step.id, isDone: false)) }
        var effects = rollout.advance(.resume)
        for _ in 0..<500 {
            if case .ended = rollout.state { break }
            guard !effects.isEmpty else { break }
            var next: [Rollout.Effect] = []
            for effect in effects {
                switch effect {
                case .run(let step): next += rollout.advance(.done(step.id))
                case .chooseRetreat:
                    let way = Retreat.compile(rollout, to: good, asksHealth: { _ in false })
                    next += rollout.advance(.retreat(way.steps, way.deployables))
                case .suspend: next += rollout.advance(.resume)
                case .cut(let id): next += rollout.advance(.cut(id))
                case .end: break
                }
            }
            effects = next
        }
        guard case .ended(let outcome, _) = rollout.state else {
            Issue.record("stuck in \(rollout.state)")
            return
        }
        #expect([.applied, .rolledBack, .failed, .superseded, .error].contains(outcome))
        #expect(rollout.states.values.allSatisfy { $0 != .planned && $0 != .running })
    }

    private static let gate = Gate(name: "approval", state: .waiting, reason: "shall it go on?")

    /// A plan of independent steps.
    private static func row(_ count: Int) -> Rollout {
        let steps = (1...count).map {
            Step(
                id: $0, kind: .approve, workload: "w\($0)", instance: nil, index: 0, act: .approve("go on?"), after: [],
                progressDeadline: nil, text: "approve")
        }
        return Rollout(
            Plan(environment: "staging", input: Digest(ofText: "i"), commit: "c", steps: steps), purpose: .deploy)
    }

    @Test func whatWaitsHoldsUpNothingElseAndThenSuspends() {
        var rollout = Self.row(2)
        #expect(rollout.advance(.resume).count == 2)
        #expect(rollout.advance(.waiting(1, Self.gate)).isEmpty, "the other step still runs")
        #expect(rollout.state == .going(.forward))
        #expect(rollout.advance(.done(2)) == [.suspend(.waiting(Self.gate))])
        #expect(rollout.state == .halted(.forward, .waiting(Self.gate)))
        // The same after a restart.
        var again = Rollout(rollout.stored, states: rollout.states)
        #expect(again.advance(.resume) == [.run(rollout.steps[0])])
        #expect(again.advance(.done(1)) == [.end(.applied, reason: "")])
    }

    @Test func whatIsWaitedForIsAskedAgainWhileOthersRun() {
        var rollout = Self.row(2)
        _ = rollout.advance(.resume)
        _ = rollout.advance(.waiting(1, Self.gate))
        #expect(rollout.advance(.resume) == [.run(rollout.steps[0])], "and the step that runs is left alone")
        #expect(rollout.advance(.done(1)).isEmpty)
        #expect(rollout.advance(.done(2)) == [.end(.applied, reason: "")])
    }

    @Test(arguments: [
        RolloutState.Halt.paused("by hand"), .failed(Failure(.aborted, reason: "no")), .superseded("c3"),
    ])
    func whatWaitsCanBeEndedByAllThatIsStronger(halt: RolloutState.Halt) {
        var rollout = Self.row(1)
        _ = rollout.advance(.resume)
        _ = rollout.advance(.waiting(1, Self.gate))
        #expect(!rollout.advance(.halt(halt)).isEmpty)
        #expect(rollout.state != .halted(.forward, .waiting(Self.gate)))
    }

    @Test func theEndOfTheProcessDoesNotHideWhatIsWaitedFor() {
        var rollout = Self.row(1)
        _ = rollout.advance(.resume)
        _ = rollout.advance(.waiting(1, Self.gate))
        #expect(rollout.advance(.halt(.ending)).isEmpty)
        #expect(rollout.state == .halted(.forward, .waiting(Self.gate)))
    }

    @Test func goodNewsOnlyEndsApplied() {
        let (plan, good) = Self.world(3)
        var rollout = Rollout(plan, purpose: .deploy)
        finish(&rollout, good)
        #expect(rollout.state == .ended(.applied, reason: ""))
    }

    @Test func aFailureOnTheWayBackEndsFailedAndIsNotRolledBack() {
        let (plan, good) = Self.world(5)
        var rollout = Rollout(plan, purpose: .deploy)
        guard case .run(let first)? = rollout.advance(.resume).first else {
            Issue.record("nothing begins")
            return
        }
        _ = rollout.advance(.failed(first.id, Failure(.act, reason: "no")))
        for step in rollout.underWay { _ = rollout.advance(.done(step.id)) }
        let way = Retreat.compile(rollout, to: good, asksHealth: { _ in false })
        let effects = rollout.advance(.retreat(way.steps, way.deployables))
        guard case .run(let back)? = effects.first else {
            Issue.record("nothing goes back")
            return
        }
        _ = rollout.advance(.failed(back.id, Failure(.act, reason: "again")))
        for step in rollout.underWay { _ = rollout.advance(.done(step.id)) }
        guard case .ended(.failed, let reason) = rollout.state else {
            Issue.record("it is \(rollout.state)")
            return
        }
        #expect(reason.contains("the rollback failed"))
    }
}
