import GRDB
import Model
import Testing

@testable import History

@Suite struct PruneTests {
    private func fill(_ store: Store, _ ids: ClosedRange<Int>, output: String = "said") async throws {
        let change = Change(workload: "web", action: .update, cause: .commit, fields: [])
        let command = CommandRecord(purpose: "apply", status: "exit 0", duration: .zero, output: output)
        try await store.log.commit(
            ids.flatMap { id -> [JournalWrite] in
                let began = later(Int64(id) * 3600)
                return [
                    .begin(reconcile(id, at: began), changes: [change], steps: [step(1)], rollout: "{}"),
                    .output(reconcile: id, step: 1, command, at: began),
                    .end(reconcile: id, outcome: .applied, reason: "", at: began + .seconds(60)),
                ]
            })
    }

    @Test func keepsTheNewestTheOpenAndTheNamed() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        try await store.begin(reconcile(1))
        try await fill(store, 2...9)
        try await store.log.commit([.environment(EnvironmentRecord(name: "staging", folder: "s", lastReconcile: 3))])
        #expect(try await store.prune(keep: 4, now: later(0)) == 3)
        #expect(try await store.history().map(\.id) == [9, 8, 7, 6, 3, 1])
        let orphans = try await store.read { db in
            try ["steps", "changes", "outputs"].map { table in
                try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM \(table) WHERE reconcile_id NOT IN (SELECT id FROM reconciles)")
            }
        }
        #expect(orphans == [0, 0, 0])
        #expect(try await store.prune(keep: 4, now: later(0)) == 0)
        #expect(try await store.integrityCheck() == [])
    }

    @Test func removesByAgeButNeverTheNewest() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        try await fill(store, 1...48)
        #expect(try await store.prune(keep: 1000, days: 1, now: later(49 * 3600)) == 24)
        #expect(try await store.history(limit: 100).map(\.id).min() == 25)
        #expect(try await store.prune(keep: 1000, days: 1, now: later(900 * 3600)) == 23)
        #expect(try await store.history().map(\.id) == [48])
        #expect(try store.log.nextReconcileID() == 1)
    }

    @Test func theFileStaysBounded() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        let output = String(repeating: "x", count: 20_000)
        var sizes: [Int] = []
        for round in 0..<4 {
            try await fill(store, (round * 250 + 1)...(round * 250 + 250), output: output)
            try await store.prune(keep: 20, now: noon)
            try await store.withoutTransaction { _ = try Row.fetchAll($0, sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
            sizes.append(try await store.counters().bytes)
        }
        #expect(try await store.counters().outcomes == [.applied: 20])
        #expect(sizes.allSatisfy { $0 < 2_000_000 })
    }

    @Test func inputsDigestsAndDeployables() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        let journal = try store.log
        for number in 1...30 {
            let wanted = desired("input-\(number)", digest: "\(number)")
            try await journal.commit([
                .input(environment: "staging", wanted),
                .good(
                    environment: "staging", input: wanted.input.id, digests: [Digest(ofText: "\(number)")],
                    at: later(Int64(number))),
                .instance(environment: "staging", instance(1, "\(number)")),
            ])
        }
        let failed = desired("failed")
        try await journal.commit([
            .input(environment: "staging", failed),
            .failed(environment: "staging", input: failed.input.id, digests: [], at: noon),
            .environment(
                EnvironmentRecord(name: "staging", folder: "s", running: desired("input-2").input.id)),
        ])
        try await store.begin(reconcile(1))
        try await store.prune(keep: 10, now: noon)
        #expect(try await store.deployable(deployable("29").id) == deployable("29"), "an open rollout may want it back")
        let good = try await store.goodInputs("staging", limit: 100).map(\.commit)
        #expect(good == (11...30).reversed().map { "c-input-\($0)" } + ["c-input-2"])
        #expect(try await store.input("staging", failed.input.id) == nil)
        #expect(try await store.knownDigests("staging") == Set(([2] + Array(11...30)).map { Digest(ofText: "\($0)") }))
        try await journal.commit([.end(reconcile: 1, outcome: .applied, reason: "", at: noon)])
        try await store.prune(keep: 10, now: noon)
        #expect(try await store.deployable(deployable("29").id) == nil)
        #expect(try await store.instances("staging") == [instance(1, "30")])
        #expect(try await store.integrityCheck() == [])
    }

    @Test func oldAnswersGo() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        let waiting = try await store.addRequest(.wake, environment: "", at: noon)
        try await store.write { db in
            for _ in 0..<105 {
                try db.execute(
                    sql: """
                        INSERT INTO requests(kind, environment, created_at, done_at, succeeded, result)
                        VALUES ('pause', 'staging', ?, ?, 1, '')
                        """, arguments: [noon.iso8601, noon.iso8601])
            }
        }
        try await store.prune(keep: 10, now: noon)
        #expect(try await store.request(waiting) != nil)
        #expect(try await store.request(waiting + 5) == nil)
        #expect(try await store.request(waiting + 6) != nil)
    }
}
