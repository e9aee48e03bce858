import GRDB
import Model
import Synchronization

extension Store {
    /// Every environment that is watched, by name. Throws `StoreError`.
    package func environments() async throws(StoreError) -> [EnvironmentRecord] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM environments ORDER BY name").map(EnvironmentRecord.init)
        }
    }

    /// One environment; nil where it is not known. Throws `StoreError`.
    package func environment(_ name: String) async throws(StoreError) -> EnvironmentRecord? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM environments WHERE name = ?", arguments: [name.stored])
                .map(EnvironmentRecord.init)
        }
    }

    /// An environment's inventory, by workload and index. What instances run as it is `wanted` is in memory only once, as
    /// far as it was not read before. Throws `StoreError`.
    package func instances(
        _ environment: String, wanted: Desired? = nil
    ) async throws(StoreError) -> [InstanceRecord] {
        try await read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT * FROM instances WHERE environment = ? ORDER BY workload, idx, driver",
                arguments: [environment.stored])
            let deployables = try self.deployables(rows, of: environment, wanted, db)
            return rows.compactMap { row in deployables[row["deployable"]].map { Store.instance(row, $0) } }
        }
    }

    /// Deployables by their ids, which stand for all that is in them: those that were read for the environment before are
    /// not read again.
    private func deployables(
        _ rows: [Row], of environment: String, _ wanted: Desired?, _ db: Database
    ) throws -> [String: Deployable] {
        let ids = Set(rows.map { $0["deployable"] as String })
        var known = deployables.withLock { $0[environment] ?? [:] }.filter { ids.contains($0.key) }
        for row in rows {
            let id: String = row["deployable"]
            guard known[id] == nil,
                let body = try String.fetchOne(db, sql: "SELECT body FROM deployables WHERE id = ?", arguments: [id])
            else { continue }
            let deployable: Deployable = try StoredJSON.value(body)
            let same = wanted?.deployable(of: row["workload"], instance: row["instance"])
            known[id] = same == deployable ? same : deployable
        }
        deployables.withLock { $0[environment] = known.isEmpty ? nil : known }
        return known
    }

    /// Drops what is kept in memory of an environment that is no longer watched.
    package func forget(_ environment: String) { deployables.withLock { $0[environment] = nil } }

    /// One instance of an environment's inventory; nil where it is not recorded. Throws `StoreError`.
    package func instance(_ environment: String, _ instance: String, driver: String) async throws(StoreError)
        -> InstanceRecord?
    {
        try await read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT i.*, d.body FROM instances i JOIN deployables d ON d.id = i.deployable
                    WHERE i.environment = ? AND i.instance = ? AND i.driver = ?
                    """, arguments: [environment.stored, instance.stored, driver.stored]
            ).map { row in Store.instance(row, try StoredJSON.value(row["body"])) }
        }
    }

    private static func instance(_ row: Row, _ deployable: Deployable) -> InstanceRecord {
        InstanceRecord(
            workload: row["workload"], instance: row["instance"], index: row["idx"], deployable: deployable,
            commit: row["commit_id"], digest: row.digest("digest"))
    }

    /// What an input means in an environment; nil where that is not known. Throws `StoreError`.
    package func input(_ environment: String, _ input: Digest) async throws(StoreError) -> InputRecord? {
        try await read { db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM inputs WHERE environment = ? AND input = ?",
                arguments: [environment.stored, input.hex.stored]
            ).map(Store.input)
        }
    }

    /// The inputs that passed and did not fail since, without `failing`, the one that passed last first. Throws `StoreError`.
    package func goodInputs(
        _ environment: String, but failing: Digest? = nil, limit: Int = 20
    ) async throws(StoreError) -> [InputRecord] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM inputs WHERE environment = ? AND input <> ? AND good_at > coalesce(failed_at, '')
                    ORDER BY good_at DESC, rowid DESC LIMIT ?
                    """, arguments: [environment.stored, failing?.hex ?? "", limit]
            ).map(Store.input)
        }
    }

    /// The digests that passed in an environment and did not fail since. Throws `StoreError`.
    package func knownDigests(_ environment: String) async throws(StoreError) -> Set<Digest> {
        try await read { db in
            let digests = try String.fetchAll(
                db, sql: "SELECT digest FROM known_digests WHERE environment = ?", arguments: [environment.stored])
            return Set(digests.map { Digest(hex: $0) })
        }
    }

    /// A deployable that an instance had, by its id; nil once it was pruned. Throws `StoreError`.
    package func deployable(_ id: Digest) async throws(StoreError) -> Deployable? {
        try await read { db in
            try String.fetchOne(db, sql: "SELECT body FROM deployables WHERE id = ?", arguments: [id.hex.stored])
                .map { try StoredJSON.value($0) }
        }
    }

    private static func input(_ row: Row) throws -> InputRecord {
        var desired: Desired = try StoredJSON.value(row["desired"])
        desired.shareBlocks()
        return InputRecord(
            environment: row["environment"], input: Digest(hex: row["input"]), commit: row["commit_id"],
            desired: desired, goodAt: try row.time("good_at"),
            failedAt: try row.time("failed_at"))
    }
}

extension EnvironmentRecord {
    init(_ row: Row) throws {
        self = try StoredJSON.value(row["body"])
        commit = row["commit_id"]
        passes = row["passes"]
        lastPassAt = try row.time("last_pass_at")
        nextPassAt = try row.time("next_pass_at")
    }
}
