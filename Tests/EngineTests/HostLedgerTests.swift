import History
import Model
import Processes
import Testing

@testable import Engine

/// What environments have on hosts for themselves, over several passes.
@Suite struct HostLedgerTests {
    private let fleet = DriverDescription(
        name: "fleet", block: [], placement: .onHosts, claims: { [$0["file"].string].compactMap { $0 } })

    private func desired(_ name: String, _ file: String) -> Desired {
        let workload = Workload(
            name: "app", driver: "fleet", block: .map(["file": .string(file)]), hosts: ["alpha"])
        return Desired(
            input: Input(tree: "\(name) \(file)", paths: [:]), commit: "c",
            environment: Environment(
                name: name, folder: name, inventory: Inventory(hosts: [Host(name: "alpha", address: "10.0.0.1")]),
                workloads: [workload]),
            deployables: [:], folderFiles: [])
    }

    private func problems(
        _ ledger: HostLedger, _ name: String, _ file: String, records: [EnvironmentRecord] = [], _ store: Store? = nil,
        gone: String? = nil
    ) async throws -> [String] {
        try await ledger.problems(
            of: desired(name, file), records: records, isGone: { $0.name == gone }, store: store, drivers: [fleet],
            prefix: ""
        ).map(\.message)
    }

    @Test func whatWasLeftIsFreeOnceItIsGone() async throws {
        let ledger = HostLedger()
        #expect(try await problems(ledger, "a", "/x").isEmpty)
        await ledger.settle("a", at: desired("a", "/x").input.id)
        #expect(try await problems(ledger, "a", "/y").isEmpty)
        // As after a rollout that failed: it is where it was.
        await ledger.settle("a", at: desired("a", "/x").input.id)
        #expect(try await problems(ledger, "b", "/x").count == 1)
        #expect(try await problems(ledger, "b", "/y").count == 1)
        await ledger.settle("a", at: desired("a", "/y").input.id)
        #expect(try await problems(ledger, "b", "/x").isEmpty)
        #expect(try await problems(ledger, "a", "/x").count == 1, "the way back is another's by now")
        await ledger.forget("b")
        #expect(try await problems(ledger, "a", "/x").isEmpty)
    }

    /// A process that begins knows what an earlier one was at, and which folders are gone.
    @Test func theRecordSaysWhatOthersHave() async throws {
        try await Bench.with { bench in
            let (old, new) = (desired("a", "/x"), desired("a", "/y"))
            var record = EnvironmentRecord(name: "a", folder: "a", input: new.input, openReconcile: 1)
            record.running = old.input.id
            try await bench.journal.commit([
                .input(environment: "a", old), .input(environment: "a", new), .environment(record),
                .begin(
                    ReconcileRecord(
                        id: 1, environment: "a", commit: "c", trigger: .manual, outcome: nil,
                        startedAt: WallClock.now(), input: new.input.id),
                    changes: [], steps: [], rollout: ""),
            ])
            let ledger = HostLedger()
            // What cannot be read is not nothing, and what was not read whole is not kept.
            let away = try Store.open(path: bench.store.path, readOnly: true)
            away.close()
            await #expect(throws: StoreError.self) {
                _ = try await problems(ledger, "b", "/x", records: [record], away)
            }
            for file in ["/x", "/y"] {
                let found = try await problems(ledger, "b", file, records: [record], bench.store)
                #expect(found.count == 1 && found.allSatisfy { !$0.contains("forget") }, "\(found)")
            }
            let renamed = try await problems(ledger, "b", "/x", records: [record], bench.store, gone: "a")
            #expect(renamed.allSatisfy { $0.contains("`reconcile forget a`") } && renamed.count == 1, "\(renamed)")
            #expect(try await problems(ledger, "b", "/z", records: [record], bench.store).isEmpty)
        }
    }
}
