import GRDB
import Model
import Testing

@testable import History

@Suite struct ScaleTests {
    private func scale(_ count: Int, at: Timestamp = noon, because: String? = nil) -> ScaleRecord {
        ScaleRecord(
            workload: "web", count: count, value: 0.91, detail: "cpu is 0.91 where 0.5 is wanted", at: at,
            because: because)
    }

    private func write(
        _ record: ScaleRecord, _ recommendations: [Recommendation] = [], oldest: Timestamp = later(-300)
    ) -> JournalWrite {
        .scale(environment: "staging", record, recommendations: recommendations, oldest: oldest)
    }

    @Test func theCountIsKeptAsItWasDecided() async throws {
        let folder = try Folder()
        let store = try folder.open()
        try await store.log.commit([write(scale(2)), write(scale(4, at: later(30), because: "web: 2 to 4"))])
        store.close()
        let again = try folder.open()
        defer { again.close() }
        #expect(try await again.scales("staging") == [scale(4, at: later(30), because: "web: 2 to 4")])
        #expect(try await again.scales("production") == [])
        try await again.log.commit([.scaled(environment: "production"), .scaled(environment: "staging")])
        #expect(try await again.scales("staging") == [scale(4, at: later(30))])
        var unknown = scale(4, at: later(60))
        unknown.value = nil
        try await again.log.commit([write(unknown)])
        #expect(try await again.scales("staging") == [unknown])
    }

    @Test func recommendationsAreKeptForTheirWindowOnly() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        let all = (0..<10).map { Recommendation(at: later(Int64($0) * 60), count: $0) }
        for one in all {
            try await store.log.commit([write(scale(4, at: one.at), [one], oldest: one.at + .seconds(-180))])
        }
        #expect(try await store.recommendations("staging", workload: "web") == Array(all.suffix(4)))
        // The clock was set back: what seems to come would count for too long.
        let back = Recommendation(at: later(420), count: 70)
        try await store.log.commit([write(scale(4, at: back.at), [back], oldest: later(240))])
        #expect(try await store.recommendations("staging", workload: "web") == [all[6], back])
        #expect(try await store.recommendations("staging", workload: "db") == [])
    }

    @Test func whatDoesNotScaleItselfAnyMoreLeavesNothing() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        let environment = EnvironmentRecord(name: "staging", folder: "staging")
        let one = Recommendation(at: noon, count: 4)
        for last in [JournalWrite.unscale(environment: "staging", workload: "web"), .forgetEnvironment("staging")] {
            try await store.log.commit([.environment(environment), write(scale(4), [one])])
            #expect(try await store.recommendations("staging", workload: "web") == [one])
            try await store.log.commit([last])
            #expect(try await store.scales("staging") == [])
            #expect(try await store.recommendations("staging", workload: "web") == [])
        }
    }

    @Test func aChangeKeepsItsReason() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        let changes = [
            Change(
                workload: "web", action: .update, cause: .commit,
                fields: [.init(path: "replicas", from: "2", to: "4"), .init(path: "x", from: nil, to: nil)],
                because: "web: 2 to 4, because cpu is 0.91 where 0.5 is wanted"),
            Change(workload: "web", action: .update, cause: .commit, fields: [.init(path: "y", from: nil, to: "1")]),
        ]
        try await store.log.commit([.begin(reconcile(1), changes: changes, steps: [], rollout: "{}")])
        #expect(try await store.changes(1) == changes)
    }

    @Test func aRecordFromBeforeIsMigratedWithWhatIsInIt() async throws {
        let folder = try Folder()
        let before = try DatabaseQueue(path: folder.record)
        let place = try #require(Migrations.all.firstIndex { $0.contains("CREATE TABLE scales") })
        try await before.writeWithoutTransaction { db in
            try Migrations.run(db, migrations: Array(Migrations.all.prefix(place)))
            try db.execute(
                sql: """
                    INSERT INTO reconciles(id, environment, "trigger", reason, author, started_at, subject, problems,
                        gates, notes)
                    VALUES (1, 'staging', 'poll', '', '', '2026-03-01T12:00:00.123Z', '', '[]', '[]', '[]');
                    INSERT INTO changes VALUES (1, 'web', 'update', 'drift', 'web-1', 'nothing', 'v');
                    """)
        }
        try before.close()
        let store = try folder.open()
        defer { store.close() }
        #expect(
            try await store.changes(1) == [
                Change(
                    workload: "web", action: .update, cause: .drift,
                    fields: [.init(path: "web-1", from: "nothing", to: "v")])
            ])
        try await store.log.commit([write(scale(4))])
        #expect(try await store.scales("staging") == [scale(4)])
    }
}
