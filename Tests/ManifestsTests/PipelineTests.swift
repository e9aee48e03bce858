import Manifests
import Model
import Testing

@Suite struct PipelineTests {
    private func parse(_ stages: String, _ workload: String = Sample.workload("web")) -> ManifestParser.Result {
        let policy = "kind: Environment\nsmoke: [{tcp: \"127.0.0.1:1\"}]\npipeline: [\(stages)]\n"
        return Sample.parse(["web.yaml": workload], policy: policy)
    }

    private let smoke = RolloutStep.smoke([Check(.tcp(address: .plain("127.0.0.1:1")))])

    @Test func stagesAreStepsAtTheirPlace() throws {
        let stages =
            "build, test, approval-gate, deploy-canary (10%), smoke-test, approval-gate, deploy-canary (40%), "
            + "monitor (1m), deploy-full, monitor (2m), smoke-test, approval-gate"
        let environment = try #require(parse(stages).environment)
        #expect(environment.workloads[0].rollout.strategy == .canary)
        #expect(
            environment.workloads[0].rollout.steps == [
                .weight(10), smoke, .approve(""), .weight(40), .monitor(.seconds(60)),
            ])
        #expect(
            environment.policy.stages
                == PipelineStages(
                    before: [.approve("")], after: [.monitor(.seconds(120)), smoke, .approve("")],
                    asksWithin: true))
        #expect(environment.restraints.isEmpty && environment.notes.isEmpty)
    }

    @Test func aStrategyOfItsOwnWinsAndIsToldWhereTheGateIsAsked() throws {
        let own = Sample.workload("web", "rollout: {strategy: rolling}")
        let environment = try #require(parse("deploy-canary (10%), approval-gate, deploy-full", own).environment)
        #expect(environment.workloads[0].rollout.strategy == .rolling)
        #expect(environment.notes.count == 1)
        #expect(environment.notes.first?.contains("the pipeline's approval-gate") == true)
        #expect(environment.notes.first?.contains("is asked before it is touched") == true)
        #expect(environment.policy.stages == PipelineStages(asksWithin: true))
        let other = Sample.workload("web", "rollout: {max_parallel: 2}")
        let canary = try #require(parse("deploy-canary (10%), deploy-full", other).environment)
        #expect(canary.workloads[0].rollout.strategy == .canary)
        #expect(canary.workloads[0].rollout.maxParallel == .count(2))
    }

    @Test func aPipelineWithoutCanariesLeavesTheStrategy() throws {
        let environment = try #require(parse("build, deploy-full").environment)
        #expect(environment.workloads[0].rollout == RolloutPolicy())
        #expect(environment.policy.stages == nil)
    }

    @Test func nothingToWatchYetIsNamed() throws {
        let environment = try #require(parse("monitor (5m), deploy-full").environment)
        #expect(
            environment.notes == [
                "deploy/staging/environment.yaml:3: `monitor (5m)`: there is nothing to watch before the first stage that deploys"
            ])
    }

    @Test(arguments: [
        (
            "deploy-full, deploy-canary (10%)",
            "3:25: error: `deploy-canary (10%)` stands after everything is deployed: put it before that stage"
        ),
        (
            "deploy-canary (50%), deploy-canary (10%)",
            "3:33: error: `deploy-canary (10%)` gives less than the stage before it, which gave 50%"
        ),
    ])
    func nonsenseIsAProblemAtItsPlace(_ stages: String, _ problem: String) {
        #expect(parse(stages).problems.map(\.diagnostic) == ["deploy/staging/environment.yaml:" + problem])
    }
}
