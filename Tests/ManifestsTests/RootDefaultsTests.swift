import Manifests
import Model
import Testing

@Suite struct RootDefaultsTests {
    static let deployment = """
        # deployment.yml
        environments:
          staging:
            replicas: 2
            resources:
              cpu: 500m
              memory: 512Mi
            autoscaling:
              min: 2
              max: 4

          production:
            replicas: 4
            resources:
              cpu: 1000m
              memory: 1Gi
            autoscaling:
              min: 4
              max: 20
        """

    static let deploy = """
        # .github/workflows/deploy.yml
        deploy:
          staging:
            - build
            - test
            - deploy-staging
            - smoke-test
            - approval-gate

          production:
            - deploy-canary (10%)
            - monitor (5m)
            - deploy-canary (50%)
            - monitor (10m)
            - deploy-full
            - smoke-test
        """

    private let root = ["deployment.yml": deployment, "deploy.yml": deploy]

    @Test func staging() throws {
        let files = ["a.yaml": Sample.workload("a"), "b.yaml": Sample.workload("b", "replicas: 7")]
        let result = Sample.parse(files, root: root)
        #expect(result.problems == [])
        let environment = try #require(result.environment)
        #expect(environment.workloads.map(\.replicas) == [2, 7])
        #expect(
            environment.policy.pipeline == [
                "build (done before the merge)", "test (done before the merge)", "deploy-staging", "smoke-test",
                "approval-gate",
            ])
        #expect(environment.restraints.isEmpty)
        #expect(environment.policy.stages == PipelineStages(after: [.smoke([]), .approve("")]))
        #expect(environment.workloads.map(\.rollout.strategy) == [.rolling, .rolling])
        // Limits that what a workload says itself is not within are not for it.
        #expect(environment.workloads.map(\.autoscaling) == [Autoscaling(min: 2, max: 4), nil])
        #expect(environment.notes == ["deploy/deployment.yml:5: `resources` is not acted on yet"])
    }

    @Test func production() throws {
        let environment = try #require(
            Sample.parse(["a.yaml": Sample.workload("a")], root: root, name: "production").environment)
        #expect(environment.workloads.map(\.replicas) == [4])
        #expect(environment.restraints.isEmpty)
        #expect(environment.policy.pipeline.count == 6)
        #expect(environment.notes == ["deploy/deployment.yml:14: `resources` is not acted on yet"])
        #expect(environment.workloads[0].rollout.strategy == .canary)
        #expect(environment.workloads[0].rollout.steps == RolloutPolicy.defaultSteps)
        #expect(environment.policy.stages == PipelineStages(after: [.smoke([])]))
    }

    @Test func ownPipelineWins() throws {
        let result = Sample.parse([:], root: root, policy: "kind: Environment\npipeline: [deploy-full]")
        #expect(try #require(result.environment).policy.pipeline == ["deploy-full"])
        #expect(try #require(result.environment).restraints.isEmpty)
    }

    @Test func anEnvironmentWithoutDefaults() throws {
        let environment = try #require(
            Sample.parse(["a.yaml": Sample.workload("a")], root: root, name: "other").environment)
        #expect(environment.workloads.map(\.replicas) == [1])
        #expect(environment.policy.pipeline == [] && environment.notes == [])
    }

    @Test func otherEnvironmentsMistakesAreTheirOwn() {
        let text = "deploy:\n  staging: [deploy-full]\n  production: [deploy-ful]\n"
        #expect(Sample.parse([:], root: ["deploy.yml": text]).problems == [])
        let problems = Sample.parse([:], root: ["deploy.yml": text], name: "production").problems
        #expect(
            problems.map(\.diagnostic) == [
                "deploy/deploy.yml:3:16: error: the stage `deploy-ful` deploys another environment: here write deploy-full or deploy-production"
            ])
    }

    @Test func anotherEnvironmentsStage() {
        let problems = Sample.parse([:], root: ["deploy.yml": "deploy:\n  staging:\n    - deploy-production\n"])
            .problems
        #expect(
            problems.map(\.diagnostic) == [
                "deploy/deploy.yml:3:7: error: the stage `deploy-production` deploys another environment: here write deploy-full or deploy-staging"
            ])
    }

    @Test func wrongShapesHoldEveryEnvironment() {
        func first(_ file: String, _ text: String) -> String? {
            Sample.parse([:], root: [file: text]).problems.first?.diagnostic
        }
        #expect(
            first("deployment.yml", "kind: Deployment")
                == "deploy/deployment.yml:1:1: error: missing key `environments`"
                || first("deployment.yml", "kind: Deployment")?.contains("unknown key \"kind\"") == true)
        #expect(
            first("deployment.yml", "environments: []")
                == "deploy/deployment.yml:1:15: error: `environments` must be a map of environments, not a list")
        #expect(
            first("deploy.yml", "# nothing")
                == "deploy/deploy.yml:1:1: error: the file is empty: write `deploy:`, or remove it")
        #expect(
            first("deployment.yml", "environments: {staging: {replica: 2}}")
                == "deploy/deployment.yml:1:26: error: unknown key \"replica\": did you mean \"replicas\"?")
    }

    @Test func twoSpellings() {
        let problems = Sample.parse([:], root: ["deploy.yml": Self.deploy, "deploy.yaml": Self.deploy]).problems
        #expect(
            problems.map(\.diagnostic) == ["deploy/deploy.yaml:1:1: error: there is deploy.yml too: keep one of them"])
    }

    @Test func linkAsDefaults() {
        let result = Sample.parser.environment(
            EnvironmentFolder(name: "s", path: "s", tree: ""),
            entries: [Sample.entry("s/environment.yaml", Sample.policy)],
            defaults: [Sample.entry("deploy.yml", "x", kind: .symlink)],
            contents: [Sample.policy: Array(Sample.policy.utf8)])
        #expect(result.problems.map(\.message) == ["deploy.yml is a symbolic link: put the file itself there"])
    }
}
