import Manifests
import Model
import Testing

@Suite struct RolloutTests {
    private func policy(_ rollout: String, _ more: String = "") throws -> RolloutPolicy {
        let text = Sample.workload("web", "rollout: \(rollout)\n\(more)")
        let result = Sample.parse(["web.yaml": text])
        #expect(result.problems == [])
        return try #require(result.environment).workloads[0].rollout
    }

    @Test func everyKeyIsRead() throws {
        let rollout = try policy(
            """
            {strategy: canary, order: start-first, max_unavailable: 25%, drain_timeout: 5s, promotion: manual, steps: [
              {instances: 2}, {weight: 0%}, {match: {header: {name: x-beta, value: "yes"}}}, {pause: 1m},
              {approve: true}, {approve: "go on?"}, {weight: 25%}, {monitor: 90s}, {instances: 50%}]}
            """, "traffic: {haproxy: {socket: /run/haproxy/admin.sock, backend: web, match_backend: beta}}")
        #expect(
            rollout
                == RolloutPolicy(
                    strategy: .canary, maxUnavailable: .percent(25), drainTimeout: .seconds(5),
                    steps: [
                        .instances(.count(2)), .weight(0),
                        .match(.map(["header": .map(["name": .string("x-beta"), "value": .string("yes")])])),
                        .pause(.seconds(60)), .approve(""), .approve("go on?"), .weight(25), .monitor(.seconds(90)),
                        .instances(.percent(50)),
                    ], promotion: .manual))
        #expect(
            try policy("{strategy: blue-green, keep_old: 1m, preview: [{http: \"http://127.0.0.1:1/\"}]}")
                == RolloutPolicy(
                    strategy: .blueGreen,
                    preview: [Check(.http(url: .plain("http://127.0.0.1:1/"), expect: nil))], keepOld: .seconds(60)))
    }

    @Test(arguments: [
        (
            "{steps: [{weight: 10%}]}",
            "28: error: `rollout.steps.weight` belongs to `strategy: canary`, and this workload's is `rolling`: its steps come at the end and may be `monitor`, `pause` and `approve`"
        ),
        (
            "{strategy: recreate, promotion: manual}",
            "42: error: `rollout.promotion` belongs to `strategy: canary` or `strategy: blue-green`, and this workload's is `recreate`"
        ),
        (
            "{strategy: canary, keep_old: 1m}",
            "39: error: `rollout.keep_old` belongs to `strategy: blue-green`, and this workload's is `canary`"
        ),
        (
            "{strategy: canary, steps: [{weight: 50%}, {weight: 10%}]}",
            "61: error: the weights of `rollout.steps` fall, from 50% to 10%"
        ),
        (
            "{strategy: canary, steps: [{instances: 3}, {instances: 2}]}",
            "65: error: the numbers of instances in `rollout.steps` fall"
        ),
        (
            "{strategy: canary, steps: [{instances: 0}]}",
            "49: error: `rollout.steps.instances` must be at least 1"
        ),
        (
            "{strategy: canary, steps: [{approve: false}]}",
            "47: error: `rollout.steps.approve` must be true or a sentence, not `false`"
        ),
        (
            "{strategy: canary, steps: [{weight: 10}]}",
            "46: error: `rollout.steps.weight` must be a percentage such as 25%, not `10`"
        ),
        (
            "{strategy: canary, steps: [{match: {cookie: {name: a, value: b}}}]}",
            "45: error: `rollout.steps.match` needs a balancer: give the workload a `traffic` block"
        ),
        (
            "{strategy: canary, steps: [{match: {cookie: {name: \"a b\", value: \"b;c\"}}}]}",
            "45: error: `rollout.steps.match` needs a balancer: give the workload a `traffic` block"
        ),
        (
            "{strategy: recreate, order: start-first}",
            "38: error: `rollout.order`: recreate is always stop-first"
        ),
        (
            "{strategy: blue-green, order: stop-first}",
            "40: error: `rollout.order`: blue-green is always start-first"
        ),
        (
            "{max_unavailable: 0}",
            "28: error: `rollout.max_unavailable` is 0, and the shell driver changes instances where they are: one is missing each time"
        ),
        (
            "{strategy: blue-green, preview: [{tcp: nowhere}]}",
            "49: error: `tcp` must be HOST:PORT, not `nowhere`"
        ),
    ])
    func nonsenseIsAProblemAtItsPlace(_ rollout: String, _ problem: String) {
        let problems = Sample.problems(Sample.workload("web", "rollout: \(rollout)"))
        #expect(problems.first == "deploy/staging/web.yaml:5:" + problem)
    }

    @Test func namesAndValuesToMatchAreWhatEveryBalancerCanSay() {
        let steps = "rollout: {strategy: canary, steps: [{match: {cookie: {name: \"a b\", value: \"b;c\"}}}]}"
        let problems = Sample.problems(
            Sample.workload("web", steps + "\ntraffic: {haproxy: {socket: /s, backend: web, match_backend: b}}"))
        #expect(problems.count == 2)
        #expect(problems.allSatisfy { $0.contains("of a cookie holds letters, digits") })
    }
}
