import GRDB
import History
import Model
import Testing

@Suite struct MeasurementTests {
    @Test func measurementsAreKeptAsTheyWere() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        try await store.begin(reconcile(1), steps: 2)
        let first = [
            Measurement(monitor: "errors", at: noon, value: 0.015, baseline: 0, verdict: .pass),
            Measurement(monitor: "slow", at: noon, value: nil, verdict: .inconclusive("nobody\u{1b} there")),
        ]
        let second = [
            Measurement(monitor: "errors", at: later(10), value: 1e300, baseline: -3, verdict: .fail("too many"))
        ]
        try await store.log.commit([.measured(reconcile: 1, step: 1, first)])
        try await store.log.commit([
            .measured(reconcile: 1, step: 2, second), .measured(reconcile: 1, step: 1, second),
        ])
        #expect(try await store.measurements(1, step: 1).map(\.measurement) == first + second)
        #expect(try await store.measurements(1, step: 2).map(\.measurement) == second)
        #expect(try await store.measurements(1).map(\.step) == [1, 1, 2, 1])
        #expect(try await store.measurements(2) == [])
    }

    @Test func theyGoWithTheirReconcile() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        for id in 1...3 {
            try await store.begin(reconcile(id), steps: 1)
            let measurement = Measurement(monitor: "errors", at: noon, value: 1, verdict: .pass)
            try await store.log.commit([
                .measured(reconcile: id, step: 1, [measurement]),
                .end(reconcile: id, outcome: .applied, reason: "", at: noon),
            ])
        }
        #expect(try await store.prune(keep: 1, now: later(60)) > 0)
        #expect(try await store.measurements(1) == [])
        #expect(try await store.measurements(3).count == 1)
    }
}
