import History
import Model
import Planning
import Processes
import Synchronization
import Testing

@testable import Engine

@Suite struct ApprovalTests {
    private final class Count: Sendable {
        private let value = Mutex(0)
        func next() -> Int {
            value.withLock {
                $0 += 1
                return $0
            }
        }
    }

    private let question = Step(
        id: 1, kind: .approve, workload: "web", instance: nil, index: 0, act: .approve("good?"), after: [],
        progressDeadline: nil, text: "ask")

    /// The word that a decision is there may come before the step that looked without finding it has said so.
    @Test func anApprovalThatComesWhileTheStepLooksIsNotLost() async throws {
        try await Bench.with { bench in
            let (begun, job) = try await bench.begin([question])
            var rollout = begun
            let decision = Decision(
                isApproved: true, person: "Ada", plan: rollout.plan.digest, at: WallClock.now())
            let line = HaltLine()
            let looks = Count()
            let executor = bench.executor { event in
                guard event.kind == .step, event.state == .running else { return }
                _ = line.look()
                guard looks.next() == 3 else { return }
                Task {
                    try await bench.journal.commit([
                        .decision(environment: "staging", reconcile: job.reconcile, step: 1, decision)
                    ])
                }
            }
            let ending = try await executor.run(&rollout, job, line: line)
            guard case .ended(.applied, _, _) = ending else {
                Issue.record("\(ending)")
                return
            }
        }
    }

    /// `max_delete`, or `after` with an environment that is named `monitor`, hold up the plan, whatever their names are.
    @Test func onlyWhatAStepWaitsForIsOfTheRollout() {
        for name in ["approval", "monitor", "max_delete"] {
            #expect(!Gate(name: name, state: .waiting, reason: "").isOfRollout)
            #expect(Gate(name: name, state: .waiting, reason: "", step: 3).isOfRollout)
            #expect(!Gate(name: name, state: .passed, reason: "", step: 3).isOfRollout)
        }
    }

    @Test func anApprovalOfAnotherPlanIsNone() async throws {
        try await Bench.with { bench in
            let (begun, job) = try await bench.begin([question])
            var rollout = begun
            let other = Decision(
                isApproved: true, person: "Ada", plan: Digest(ofText: "another"), at: WallClock.now())
            try await bench.journal.commit([
                .decision(environment: "staging", reconcile: job.reconcile, step: 1, other)
            ])
            let ending = try await bench.executor().run(&rollout, job, line: HaltLine())
            guard case .suspended(.waiting(let gate)) = ending else {
                Issue.record("\(ending)")
                return
            }
            #expect(gate.isOfRollout && gate.step == 1)
        }
    }
}
