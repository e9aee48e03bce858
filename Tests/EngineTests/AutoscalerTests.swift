import Checks
import DriverKit
import History
import Model
import Planning
import Processes
import TestSupport
import Testing

@testable import Engine

/// What is measured of the instances of a workload that scales itself, over real servers and commands.
@Suite struct AutoscalerTests {
    /// Knows where its instances are, and how often each was started again.
    private struct Places: Driver {
        let description = DriverDescription(name: "places", block: [], placement: .sideBySide)
        var addresses: [String: String] = [:]
        var restarts: [String: Int] = [:]

        func runs(block: Value, files: [SourceFile]) -> Value { block }
        func observe(_ targets: [InstanceTarget]) async -> [Observation] { targets.map { _ in .absent } }
        func apply(_ target: InstanceTarget) async -> ActReport { ActReport(failure: nil, commands: []) }
        func remove(_ target: InstanceTarget) async -> ActReport { ActReport(failure: nil, commands: []) }
        func asksHealth(block: Value) -> Bool { false }
        func address(of port: Int?, _ target: InstanceTarget) async -> String? { addresses[target.instance] }
        func vitals(_ target: InstanceTarget) async -> Vitals? {
            restarts[target.instance].map { Vitals(isRunning: true, restarts: $0, outOfMemory: 0) }
        }
        func health(_ target: InstanceTarget) async -> HealthReport? { nil }
    }

    /// A source that is not asked: workloads here have no files.
    private struct NoSource: Source {
        private var nothing: SourceError { SourceError(.unreachable, "nothing is here", advice: "") }

        func fetch() async throws(SourceError) -> Revision { throw nothing }
        func head() async throws(SourceError) -> Revision? { nil }
        func revision(_ name: String) async throws(SourceError) -> Revision { throw nothing }
        func tree(at commit: String) async throws(SourceError) -> any SourceTree { throw nothing }
    }

    private let now = Timestamp(milliseconds: 1_772_366_400_000)

    private func measure(
        _ probe: Monitor.Probe, _ places: Places, instances: Int = 2, earlier: [Recommendation] = []
    ) async throws -> Autoscaler.Finding {
        try await TemporaryFolder.with { root in
            let checker = Checker(
                runner: ProcessRunner(), slots: Slots(4), baseEnvironment: ["PATH": "/usr/bin:/bin"])
            let autoscaler = Autoscaler(
                drivers: DriverRegistry([places]), materials: Materials(state: root, source: NoSource()),
                checker: checker)
            let metric = ScalingMetric(name: "cpu", probe: probe, target: 0.5, timeout: .seconds(60))
            let target = desired(metric, instances)
            let candidates = try await Autoscaler.candidates(target, Planner.plan(circumstances(target))) {
                _ throws(StoreError) in earlier
            }
            let now = now
            let findings = await autoscaler.measure(
                candidates, environment: "staging", commit: "c", now: { now })
            await checker.close()
            return try #require(findings.first)
        }
    }

    private func desired(_ metric: ScalingMetric, _ instances: Int) -> Desired {
        let web = Workload(
            name: "web", driver: "places", block: .null, replicas: instances,
            autoscaling: Autoscaling(min: 1, max: 9, metric: metric))
        let deployable = Deployable(
            driver: "places", block: .null, files: [], digest: Digest(ofText: "v"), health: nil)
        return Desired(
            input: Input(tree: "t", paths: [:]), commit: "c",
            environment: Environment(name: "staging", folder: "staging", workloads: [web]),
            deployables: ["web": deployable], folderFiles: [])
    }

    /// Everything runs, but for those that are missing.
    private func circumstances(_ target: Desired, missing: Set<String> = []) -> Circumstances {
        var seen: [InstanceKey: Observation] = [:]
        var inventory: [InstanceRecord] = []
        for (workload, deployable) in zip(target.environment.workloads, target.deployables.values) {
            for (place, instance) in workload.instances.enumerated() {
                inventory.append(
                    InstanceRecord(
                        workload: workload.name, instance: instance, index: place + 1, deployable: deployable,
                        commit: "c", digest: deployable.digest))
                let key = InstanceKey(instance: instance, driver: workload.driver)
                seen[key] = missing.contains(instance) ? .absent : .running(deployable.digest.hex)
            }
        }
        return Circumstances(
            desired: target, previous: target.environment, wasReached: true, inventory: inventory, observations: seen,
            counts: ["web": inventory.count], asksHealth: { _ in false }, placement: { _ in .sideBySide })
    }

    @Test func whatMissesAnInstanceIsNotMeasured() async throws {
        let target = desired(ScalingMetric(probe: .container(.restarts), target: 1), 3)
        for missing in [[], ["web-2"]] as [Set<String>] {
            let result = Planner.plan(circumstances(target, missing: missing))
            let candidates = try await Autoscaler.candidates(target, result) { _ throws(StoreError) in [] }
            #expect(candidates.map(\.instances.count) == (missing.isEmpty ? [3] : []))
        }
    }

    private func load(_ address: HTTPProbe.Address = .instances(path: "/load", port: nil)) throws -> Monitor.Probe {
        .http(HTTPProbe(address: address, figure: .json(try #require(JSONPath("load")))))
    }

    @Test func theAverageOfAllInstancesDecides() async throws {
        try await WebServer.run({ _, _ in .init(200, "{\"load\": 0.4}") }) { low in
            try await WebServer.run({ _, _ in .init(200, "{\"load\": 1.6}") }) { high in
                let found = try await measure(
                    load(), Places(addresses: ["web-1": low.address, "web-2": high.address]))
                #expect(found.record.value == 1 && found.record.count == 4 && found.current == 2)
                #expect(found.record.because == "web: 2 to 4, because cpu is 1 where 0.5 is wanted")
                #expect(found.recommendations.map(\.count) == [2, 4] && found.note == nil)
                #expect(found.oldest == now + .seconds(-300))
                #expect(low.requests.count == 1 && high.requests.count == 1)
            }
        }
    }

    @Test func oneWithoutAnAnswerKeepsTheCount() async throws {
        let down = try await WebServer.run({ _, _ in .init() }) { $0.address }
        try await WebServer.run({ _, _ in .init(200, "{\"load\": 9}") }) { server in
            let found = try await measure(
                load(), Places(addresses: ["web-1": server.address, "web-2": down]))
            #expect(found.isUnknown && found.record.count == 2 && found.record.value == nil)
            #expect(found.recommendations.isEmpty && found.record.because == nil)
            #expect(found.note?.hasPrefix("web stays at 2, because cpu cannot be measured: web-2: ") == true)
        }
    }

    @Test(arguments: ["-1", "-0.001", "1e999"])
    func whatIsNoLoadKeepsTheCount(_ number: String) async throws {
        let found = try await measure(.command(.plain("echo \(number)"), printsNumber: true), Places())
        #expect(found.isUnknown && found.record.count == 2, "\(found)")
    }

    @Test func aWholeAddressIsAskedOnce() async throws {
        try await WebServer.run({ _, _ in .init(200, "{\"load\": 0.25}") }) { server in
            let found = try await measure(
                load(.url(.plain("http://\(server.address)/load"))), Places(), instances: 4,
                earlier: [Recommendation(at: now + .seconds(-60), count: 3)])
            #expect(server.requests.count == 1)
            #expect(found.record.value == 0.25 && found.record.count == 3)
            #expect(found.recommendations.map(\.count) == [2])
        }
    }

    @Test func commandsRunForEachInstanceAndEnginesCount() async throws {
        let said = try await measure(
            .command(.plain("test \"$RECONCILE_INSTANCE\" = web-1 && echo 0.2 || echo 0.6"), printsNumber: true),
            Places())
        #expect(said.record.value == 0.4 && said.record.count == 2)
        let counted = try await measure(.container(.restarts), Places(restarts: ["web-1": 1, "web-2": 0]))
        #expect(counted.record.value == 0.5)
        #expect(try await measure(.container(.restarts), Places(restarts: ["web-1": 1])).isUnknown)
    }
}
