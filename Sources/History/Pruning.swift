import GRDB
import Model

/// What a retention setting removes, one short transaction each. All throw `DatabaseError`.
enum Pruning {
    /// Reconciles that one transaction removes at most.
    static let batch = 200
    /// Good inputs that are kept for each environment, besides those in use.
    static let goodInputs = 20
    /// Answered requests that are kept.
    static let requests = 100

    /// Removes one batch of the oldest; gives how many.
    static func reconciles(_ db: Database, keep: Int, cutoff: String) throws -> Int {
        try db.execute(
            sql: """
                DELETE FROM reconciles WHERE id IN (
                    SELECT id FROM reconciles
                    WHERE finished_at IS NOT NULL
                        AND (id <= (SELECT id FROM reconciles ORDER BY id DESC LIMIT 1 OFFSET ?) OR started_at < ?)
                        AND id < (SELECT max(id) FROM reconciles)
                        AND id NOT IN (
                            SELECT body ->> '$.openReconcile' FROM environments
                            WHERE body ->> '$.openReconcile' IS NOT NULL
                            UNION ALL SELECT body ->> '$.lastReconcile' FROM environments
                            WHERE body ->> '$.lastReconcile' IS NOT NULL)
                    ORDER BY id LIMIT ?)
                """, arguments: [keep, cutoff, batch])
        return db.changesCount
    }

    /// Environments with more inputs than are kept without a look at each.
    static func crowdedEnvironments(_ db: Database) throws -> [String] {
        try String.fetchAll(
            db, sql: "SELECT environment FROM inputs GROUP BY environment HAVING count(*) > ?",
            arguments: [goodInputs])
    }

    /// Removes inputs of one environment that are neither in use nor among the newest good ones, and then digests that
    /// none of the rest has.
    static func inputs(_ db: Database, of environment: String) throws {
        let record = try Row.fetchOne(
            db, sql: "SELECT * FROM environments WHERE name = ?", arguments: [environment.stored]
        ).map(EnvironmentRecord.init)
        let inUse = [record?.input?.id, record?.running, record?.hold?.input, record?.hold?.target]
            .compactMap { $0?.hex }
        try db.execute(
            sql: """
                DELETE FROM inputs WHERE environment = :environment
                    AND input NOT IN (SELECT value FROM json_each(:inUse))
                    AND input NOT IN (
                        SELECT input FROM reconciles
                        WHERE environment = :environment AND finished_at IS NULL AND input IS NOT NULL)
                    AND input NOT IN (
                        SELECT input FROM inputs
                        WHERE environment = :environment AND good_at > coalesce(failed_at, '')
                        ORDER BY good_at DESC, rowid DESC LIMIT :kept)
                """,
            arguments: ["environment": environment.stored, "inUse": try StoredJSON.text(inUse), "kept": goodInputs])
        guard db.changesCount > 0 else { return }
        try db.execute(
            sql: """
                DELETE FROM known_digests WHERE environment = :environment AND digest NOT IN (
                    SELECT entry.value ->> '$.digest' FROM inputs, json_each(inputs.desired, '$.deployables') AS entry
                    WHERE inputs.environment = :environment)
                """, arguments: ["environment": environment.stored])
    }

    /// Removes deployables without an instance, unless a rollout may still want one back, and old answers.
    static func leftovers(_ db: Database) throws {
        try db.execute(
            sql: """
                DELETE FROM deployables
                WHERE NOT EXISTS (SELECT 1 FROM instances WHERE instances.deployable = deployables.id)
                    AND NOT EXISTS (SELECT 1 FROM reconciles WHERE outcome IS NULL)
                """)
        try db.execute(
            sql: """
                DELETE FROM requests WHERE done_at IS NOT NULL AND id <= (
                    SELECT id FROM requests WHERE done_at IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET ?)
                """, arguments: [requests])
    }
}
