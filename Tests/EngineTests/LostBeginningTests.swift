import DriverKit
import History
import Model
import Planning
import Processes
import TestSupport
import Testing

@testable import Engine

/// A rollout's beginning goes to the disk with whatever is recorded next, and that may be another environment's.
@Suite struct LostBeginningTests {
    private struct Things: Driver {
        let description = DriverDescription(name: "things", block: [], placement: .inPlace)

        func runs(block: Value, files: [SourceFile]) -> Value { block }
        func observe(_ targets: [InstanceTarget]) async -> [Observation] { targets.map { _ in .absent } }
        func apply(_ target: InstanceTarget) async -> ActReport {
            ActReport(failure: nil, commands: [], observed: .running(target.deployable.digest.hex))
        }
        func remove(_ target: InstanceTarget) async -> ActReport { ActReport(failure: nil, commands: []) }
        func asksHealth(block: Value) -> Bool { false }
        func health(_ target: InstanceTarget) async -> HealthReport? { nil }
    }

    @Test func theReasonIsThatOfWhatLostIt() async throws {
        try await Bench.with(drivers: [Things()]) { bench in
            let free = bench.store.path + ".free"
            let holds = Command(
                "/bin/sh",
                [
                    "-c",
                    "{ echo '.timeout 60000\nBEGIN IMMEDIATE;\n.print held'; until test -e \"$1\"; do sleep 0.1; done; } "
                        + "| sqlite3 \"$0\" >\"$1.held\"",
                    bench.store.path, free,
                ], environment: ["PATH": "/usr/bin:/bin"])
            async let holder = ProcessRunner().run(holds)
            try await eventually("somebody writes to the record") { (try? TestFile.read(free + ".held")) == "held\n" }
            let environment = try await bench.environment { event in
                guard event.kind == .planned else { return }
                Task {
                    try? await bench.journal.commit([
                        .environment(EnvironmentRecord(name: "another", folder: "another"))
                    ])
                    try? TestFile.write(free, "")
                }
            }
            let workload = Workload(
                name: "web", driver: "things", block: .map([:]), rollout: RolloutPolicy(minHealthyTime: .zero))
            let target = Desired(
                input: Input(tree: "t", paths: [:]), commit: "c",
                environment: Environment(name: "staging", folder: "staging", workloads: [workload]),
                deployables: [
                    "web": Deployable(
                        driver: "things", block: .map([:]), files: [], digest: Digest(ofText: "1"), health: nil)
                ], folderFiles: [])
            let call = try await bench.call()
            var reports: [EnvironmentReport] = []
            for _ in 1...2 {
                reports.append(
                    await environment.alone { () throws(StoreError) in
                        try await environment.plan(for: target, purpose: .deploy, call)
                    })
                _ = await holder
            }
            #expect(
                reports[0].outcome == .error && reports[0].reason.contains("another process is writing to the record"),
                "\(reports[0].reason)")
            #expect(reports[1].outcome == .applied, "\(reports[1].reason)")
        }
    }
}
