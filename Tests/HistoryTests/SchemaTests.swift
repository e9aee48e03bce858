import FoundationEssentials
import GRDB
import Model
import Testing

@testable import History

@Suite struct SchemaTests {
    private let publicColumns = [
        "reconciles": "id, environment, commit_id, trigger, outcome, reason, author, started_at, finished_at",
        "steps": "reconcile_id, id, kind, workload, instance, state, started_at, finished_at, detail",
        "approvals": "reconcile_id, step_id, environment, decision, person, plan, at",
        "traffic": "environment, workload, instance, wanted, seen, at, told",
        "changes": "reconcile_id, workload, action, cause, path, from_value, to_value, because",
        "scales": "environment, workload, count, value, detail, at, because",
        "recommendations": "environment, workload, at, count",
    ]

    @Test func publicNamesAreThoseOfTheContract() throws {
        let folder = try Folder()
        try folder.open().close()
        let database = try DatabaseQueue(path: folder.record)
        for (table, columns) in publicColumns {
            try database.read { db in
                let names = try String.fetchAll(
                    db, sql: "SELECT name FROM pragma_table_info(?) ORDER BY cid", arguments: [table])
                let wanted = columns.split(separator: ", ").map(String.init)
                #expect(Array(names.prefix(wanted.count)) == wanted)
                _ = try Row.fetchAll(db, sql: "SELECT \(columns) FROM \(table)")
            }
        }
    }

    @Test func theFileIsAsPromised() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        let writer = try #require(store.writer)
        let (mode, synchronous, vacuum, loose) = try await writer.read { db in
            (
                try String.fetchOne(db, sql: "PRAGMA journal_mode"), try Int.fetchOne(db, sql: "PRAGMA synchronous"),
                try Int.fetchOne(db, sql: "PRAGMA auto_vacuum"),
                try String.fetchAll(
                    db,
                    sql: """
                        SELECT name FROM pragma_table_list
                        WHERE type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'
                        """)
            )
        }
        #expect(mode == "wal")
        #expect(synchronous == 2)
        #expect(vacuum == 2)
        #expect(loose == [])
    }

    @Test func timesAreISO() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        try await store.begin(reconcile(1), steps: 1)
        try await store.log.commit([
            .step(reconcile: 1, id: 1, state: .running, at: noon, detail: nil),
            .end(reconcile: 1, outcome: .applied, reason: "", at: noon),
        ])
        let times = try await store.read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT started_at FROM reconciles UNION ALL SELECT finished_at FROM reconciles
                    UNION ALL SELECT started_at FROM steps
                    """)
        }
        #expect(times == Array(repeating: "2026-03-01T12:00:00.123Z", count: 3))
    }

    @Test func aNewerSchemaIsRefusedByName() throws {
        let folder = try Folder()
        try folder.open().close()
        let newer = try DatabaseQueue(path: folder.record)
        try newer.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 99") }
        try newer.close()
        for readOnly in [true, false] {
            let error = #expect(throws: StoreError.self) { try Store.open(path: folder.record, readOnly: readOnly) }
            #expect(error?.code == .newerSchema)
            #expect(error?.message.contains("schema 99") == true)
        }
    }

    @Test func migrationsGoForwardAndKeepWhatIsThere() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        try await store.begin(reconcile(1))
        let writer = try #require(store.writer)
        let next =
            Migrations.all + ["ALTER TABLE reconciles ADD COLUMN extra TEXT", "UPDATE reconciles SET extra = 'x'"]
        try await writer.writeWithoutTransaction { try Migrations.run($0, migrations: next) }
        let extra = try await store.read { try String.fetchOne($0, sql: "SELECT extra FROM reconciles") }
        #expect(extra == "x")
        #expect(try await store.reconcile(1) == reconcile(1))
        await #expect(throws: DatabaseError.self) {
            try await writer.writeWithoutTransaction {
                try Migrations.run($0, migrations: next + ["CREATE TABLE half(a); SELECT nonsense"])
            }
        }
        let half = try await store.read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_master WHERE name = 'half'")
        }
        #expect(half == 0)
    }

    @Test func filesOfOthersAreLeftAlone() throws {
        let folder = try Folder()
        let other = try DatabaseQueue(path: folder.record)
        try other.write { try $0.execute(sql: "CREATE TABLE theirs(a)") }
        try other.close()
        let error = #expect(throws: StoreError.self) { try folder.open() }
        #expect(error?.code == .corrupt)
        #expect(try tables(folder.record) == ["theirs"])

        let text = folder.path + "/text.sqlite"
        try String(repeating: "not a database ", count: 500).write(toFile: text, atomically: false, encoding: .utf8)
        for readOnly in [true, false] {
            let error = #expect(throws: StoreError.self) { try Store.open(path: text, readOnly: readOnly) }
            #expect(error?.code == .corrupt)
        }
    }

    @Test func aRecordThatIsNotThereIsMissing() throws {
        let folder = try Folder()
        let error = #expect(throws: StoreError.self) { try Store.open(path: folder.record, readOnly: true) }
        #expect(error?.code == .missing)
        #expect(!FileManager.default.fileExists(atPath: folder.record))
        try "".write(toFile: folder.record, atomically: false, encoding: .utf8)
        let empty = #expect(throws: StoreError.self) { try Store.open(path: folder.record, readOnly: true) }
        #expect(empty?.code == .missing)
    }

    @Test func longHistoriesAreReadByAnIndex() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        let plans = try await store.read { db in
            try ["", "environment = 'a' AND"].map { condition in
                try Row.fetchAll(
                    db,
                    sql:
                        """
                        EXPLAIN QUERY PLAN
                        SELECT * FROM reconciles WHERE \(condition) id < 9 ORDER BY id DESC LIMIT 20
                        """
                ).map { $0["detail"] as String }
            }
        }
        #expect(plans[0] == ["SEARCH reconciles USING INTEGER PRIMARY KEY (rowid<?)"])
        #expect(plans[1] == ["SEARCH reconciles USING INDEX reconciles_by_environment (environment=? AND id<?)"])
    }

    private func tables(_ path: String) throws -> [String] {
        let database = try DatabaseQueue(path: path)
        return try database.read { try String.fetchAll($0, sql: "SELECT name FROM sqlite_master") }
    }
}
