import Model
import Synchronization
import Testing

@testable import Engine
@testable import History

/// What memory keeps of an environment goes with it.
@Suite struct ForgottenTests {
    @Test func whatInstancesRunIsDropped() async throws {
        try await Bench.with { bench in
            let deployable = Deployable(
                driver: "shell", block: .map([:]), files: [], digest: Digest(ofText: "1"), health: nil)
            try await bench.journal.commit([
                .environment(EnvironmentRecord(name: "staging", folder: "staging")),
                .instance(
                    environment: "staging",
                    InstanceRecord(
                        workload: "web", instance: "web-1", index: 1, deployable: deployable, commit: "c", digest: nil)),
            ])
            #expect(try await bench.store.instances("staging").count == 1)
            #expect(bench.store.deployables.withLock { $0.keys.sorted() } == ["staging"])
            #expect(try await bench.environment().forget() == nil)
            #expect(bench.store.deployables.withLock { $0.isEmpty })
        }
    }
}
