import Foundation
import Model
import Planning
import Testing

/// Records as the first version wrote them, before there were strategies, traffic, pins, counts within limits and hosts: whatever was added
/// since has a default, or an upgrade would lose the last good input and every open rollout.
@Suite struct StoredFormsTests {
    private static let deployable = """
        {"block": {"apply": "install web1"}, "driver": "shell", "files": [],
         "digest": "4d36ceffa3b1240ea057d3dc9a7a450a871152a05a369983183ee4295201fc0d"}
        """

    private static let check = """
        {"interval": 1000, "timeout": 10000, "probe": {"http": {"expect": 200, "url": "http://127.0.0.1:80/"}}}
        """

    private static let desired = """
        {"commit": "c1", "folderFiles": [], "input": {"paths": {}, "tree": "c11"}, "deployables": {"web": \(deployable)},
         "environment": {
           "name": "staging", "folder": "staging", "afterPlace": {"column": 1, "line": 1}, "notes": [], "restraints": [],
           "policy": {
             "after": [], "deadline": 3600000, "drift": "repair", "interval": 30000, "maxDelete": {"percent": {"_0": 50}},
             "notify": [], "onFailure": "rollback", "pipeline": [], "prune": true, "smoke": [\(check)]},
           "workloads": [{
             "block": {"apply": "true"}, "dependsOn": ["db"], "driver": "shell", "file": "web.yaml", "filePaths": [],
             "health": \(check), "line": 1, "name": "web", "replicas": 2,
             "rollout": {
               "strategy": "recreate", "maxParallel": {"count": {"_0": 1}}, "minHealthyTime": 10000,
               "healthyDeadline": 300000, "progressDeadline": 600000}}]}}
        """

    private static let id = "4354b9b87e37c2c10524aac3b6db7232cb1b222bc2bc0de20714403c116f50b9"

    private static let rollout = """
        {"added": [], "addedDeployables": [], "purpose": "deploy", "state": {"going": {"_0": "forward"}},
         "plan": {
           "environment": "staging", "commit": "c1", "gates": [], "notes": [], "untouched": {},
           "input": "593fbf913c7c186f45803bef3af95b60c962d6996202cfbf10f4f3f70c6a156a",
           "changes": [{"action": "create", "cause": "commit", "workload": "web", "fields": [{"path": "driver", "to": "shell"}]}],
           "deployables": ["\(id)", \(deployable)],
           "steps": [
             {"act": {"start": {"_0": "\(id)"}}, "after": [], "id": 1, "index": 1, "instance": "web-1", "kind": "start",
              "progressDeadline": 600000, "text": "start web-1", "workload": "web"},
             {"act": {"waitHealthy": {"_0": "\(id)", "deadline": 300000, "minimum": 10000}}, "after": [1], "id": 2,
              "index": 1, "instance": "web-1", "kind": "wait-healthy", "progressDeadline": 600000, "text": "wait",
              "workload": "web"},
             {"act": {"smokeTest": {"_0": \(check)}}, "after": [2], "id": 3, "index": 0, "kind": "smoke-test",
              "text": "smoke test"}]}}
        """

    private static let routing = """
        {"drain": 30000, "isWhole": true, "match": null, "traffic": {"haproxy": {"backend": "web"}},
         "sides": [{"members": [{"deployable": "\(id)", "index": 1, "instance": "web-1"}], "name": "new", "weight": 100}]}
        """

    private func read<T: Decodable>(_ text: String, as type: T.Type = T.self) throws -> T {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    @Test func aDesiredStateOfBefore() throws {
        let desired: Desired = try read(Self.desired)
        let workload = try #require(desired.environment.workloads.first)
        let policy = RolloutPolicy(strategy: .recreate)
        #expect(workload.rollout == policy && workload.traffic == nil && workload.routing == nil)
        #expect(workload.autoscaling == nil && workload.monitors.isEmpty && workload.instances == ["web-1", "web-2"])
        #expect(desired.environment.policy == Policy(smoke: workload.health.map { [$0] } ?? []))
        #expect(desired.deployables["web"]?.pin == nil)
        // It can be planned for, and written and read again.
        #expect(Fixture.plan(desired).plan.steps.count { $0.kind == .start } == 2)
        #expect(try read(String(decoding: JSONEncoder().encode(desired), as: UTF8.self)) == desired)
    }

    @Test func anOpenRolloutOfBeforeGoesOnAndComesBack() throws {
        let stored: Rollout.Stored = try read(Self.rollout)
        var rollout = Rollout(stored, states: [1: .done, 2: .running])
        #expect(rollout.plan.existing == nil && rollout.plan.steps.count == 3)
        _ = rollout.advance(.failed(2, Failure(.act, reason: "no")))
        let good: Desired = try read(Self.desired)
        let back = Retreat.compile(rollout, to: good, asksHealth: { _ in false })
        #expect(back.steps.contains { $0.instance == "web-1" }, "\(back.steps.map(\.text))")
    }

    @Test func partsOfPlansThatGrew() throws {
        let routing: Routing = try read(Self.routing)
        #expect(routing.leaving.isEmpty && !routing.isFormer && routing.sides.count == 1)
        let stages: PipelineStages = try read(#"{"after": [], "before": [{"approve": {"_0": ""}}]}"#)
        #expect(stages == PipelineStages(before: [.approve("")]))
    }
}
