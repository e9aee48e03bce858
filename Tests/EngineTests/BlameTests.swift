import DriverKit
import History
import Model
import Planning
import Processes
import Testing

@testable import Engine

/// Whose version is no longer known good after a failure.
@Suite struct BlameTests {
    private let digests = ["api": Digest(ofText: "api"), "web": Digest(ofText: "web")]

    private var desired: Desired {
        let workloads = digests.keys.sorted().map { Workload(name: $0, driver: "d", block: .null) }
        return Desired(
            input: Input(tree: "t", paths: [:]), commit: "c",
            environment: Environment(name: "staging", folder: "", workloads: workloads),
            deployables: digests.mapValues {
                Deployable(driver: "d", block: .null, files: [], digest: $0, health: nil)
            },
            folderFiles: [])
    }

    private func step(_ id: Int, _ workload: String?, _ act: Step.Act, _ kind: Step.Kind) -> Step {
        Step(
            id: id, kind: kind, workload: workload, instance: nil, index: 0, act: act, after: [], progressDeadline: nil,
            text: "step \(id)")
    }

    /// Two workloads change; api's only step is done.
    private var rollout: Rollout {
        let changes = ["api", "web"].map { Change(workload: $0, action: .update, cause: .commit, fields: []) }
        let plan = Plan(
            environment: "staging", input: desired.input.id, commit: "c", changes: changes,
            steps: [step(1, "api", .pause(.zero), .pause), step(2, "web", .pause(.zero), .pause)], deployables: [:])
        return Rollout(Rollout(plan, purpose: .deploy).stored, states: [1: .done])
    }

    private func blamed(_ failure: Failure) -> Set<Digest> {
        let job = RolloutJob(
            reconcile: 1, environment: "staging", began: WallClock.now(), desired: desired, good: nil,
            asksHealth: { _ in false })
        for case .failed(_, _, let digests, _) in job.chooseRetreat(rollout, failure).1 { return Set(digests) }
        return []
    }

    @Test func onlyThoseThatAFailureConcernsAreBlamed() {
        let (api, web) = (digests["api"], digests["web"])
        #expect(blamed(Failure(.rejected, workload: "web", reason: "")) == [web])
        #expect(blamed(Failure(.smoke, reason: "")) == [api, web], "it asked all of the environment")
        #expect(blamed(Failure(.aborted, reason: "")) == [web], "api was there already")
        #expect(blamed(Failure(.deadline, reason: "")) == [web])
    }

    @Test func whatIsAskedOfAWorkloadConcernsItAlone() async throws {
        try await Bench.with { bench in
            let check = Check(.command(.plain("false")), timeout: .seconds(10))
            let no = Decision(isApproved: false, person: "Ada", plan: Digest(ofText: "p"), at: WallClock.now())
            let acts: [(Step.Act, Step.Kind)] = [(.smokeTest(check), .smokeTest), (.approve("good?"), .approve)]
            for workload in ["web", nil] {
                for (act, kind) in acts {
                    let result = await bench.runner.run(
                        step(1, workload, act, kind), bench.context(decision: { no }))
                    guard case .failed(let failure) = result.ending else {
                        Issue.record("\(result)")
                        continue
                    }
                    #expect(failure.workload == workload, "\(failure)")
                }
            }
        }
    }
}
