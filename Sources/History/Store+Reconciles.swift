import GRDB
import Model

extension Store {
    /// One reconcile; nil where there is none. Throws `StoreError`.
    package func reconcile(_ id: Int) async throws(StoreError) -> ReconcileRecord? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM reconciles WHERE id = ?", arguments: [id]).map(Store.reconcile)
        }
    }

    /// Reconciles, newest first: of one environment or of all, with ids below `before` where that is given.
    /// Throws `StoreError`.
    package func history(
        environment: String? = nil, limit: Int = 20, before: Int? = nil
    ) async throws(StoreError) -> [ReconcileRecord] {
        try await read { db in
            let condition = environment == nil ? "" : "environment = ? AND"
            var arguments: StatementArguments = environment.map { [$0.stored] } ?? []
            arguments += [before ?? Int.max, limit]
            return try Row.fetchAll(
                db, sql: "SELECT * FROM reconciles WHERE \(condition) id < ? ORDER BY id DESC LIMIT ?",
                arguments: arguments
            ).map(Store.reconcile)
        }
    }

    /// The newest rollout of an environment, and its state as it was recorded last, where it was superseded and nothing has
    /// settled since what it left. Throws `StoreError`.
    package func supersededRollout(of environment: String) async throws(StoreError) -> (reconcile: Int, state: String)?
    {
        try await read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT reconcile_id, state FROM rollouts JOIN reconciles ON id = reconcile_id
                    WHERE environment = ? AND outcome = ? ORDER BY id DESC LIMIT 1
                    """, arguments: [environment.stored, Outcome.superseded.rawValue]
            ).map { ($0["reconcile_id"] as Int, $0["state"] as String) }
        }
    }

    /// The state of an open or superseded reconcile's rollout as it was recorded last; nil once it ended otherwise. Throws
    /// `StoreError`.
    package func rollout(_ reconcile: Int) async throws(StoreError) -> String? {
        try await read { db in
            try String.fetchOne(
                db, sql: "SELECT state FROM rollouts WHERE reconcile_id = ?", arguments: [reconcile])
        }
    }

    /// A reconcile's steps by id. Throws `StoreError`.
    package func steps(_ reconcile: Int) async throws(StoreError) -> [StepRecord] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM steps WHERE reconcile_id = ? ORDER BY id", arguments: [reconcile]
            ).map { row in
                StepRecord(
                    reconcile: reconcile, step: try StoredJSON.value(row["body"]), state: try row.word("state"),
                    startedAt: try row.time("started_at"), finishedAt: try row.time("finished_at"),
                    healthySince: try row.time("healthy_since"), detail: row["detail"])
            }
        }
    }

    /// What differed, in the order in which it was recorded. Throws `StoreError`.
    package func changes(_ reconcile: Int) async throws(StoreError) -> [Change] {
        try await read { db in
            var changes: [Change] = []
            let rows = try Row.fetchCursor(
                db, sql: "SELECT * FROM changes WHERE reconcile_id = ? ORDER BY rowid", arguments: [reconcile])
            while let row = try rows.next() {
                var change = Change(
                    workload: row["workload"], action: try row.word("action"), cause: try row.word("cause"), fields: [],
                    because: row["because"])
                if let last = changes.last, last.workload == change.workload, last.action == change.action,
                    last.cause == change.cause, last.because == change.because
                {
                    change = changes.removeLast()
                }
                if let path: String = row["path"] {
                    change.fields.append(.init(path: path, from: row["from_value"], to: row["to_value"]))
                }
                changes.append(change)
            }
            return changes
        }
    }

    /// What was run for a reconcile, in order. Throws `StoreError`.
    package func outputs(_ reconcile: Int) async throws(StoreError) -> [OutputRecord] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM outputs WHERE reconcile_id = ? ORDER BY rowid", arguments: [reconcile]
            ).map { row in
                OutputRecord(
                    reconcile: reconcile, step: row["step_id"],
                    command: CommandRecord(
                        purpose: row["purpose"], status: row["status"],
                        duration: TimeSpan(milliseconds: row["duration_ms"]), output: row["output"]),
                    at: try row.knownTime("at"))
            }
        }
    }

    private static func reconcile(_ row: Row) throws -> ReconcileRecord {
        ReconcileRecord(
            id: row["id"], environment: row["environment"], commit: row["commit_id"], tag: row["tag"],
            trigger: try row.word("trigger"),
            outcome: (row["outcome"] as String?) == nil ? nil : try row.word("outcome") as Outcome,
            reason: row["reason"], author: row["author"], subject: row["subject"],
            startedAt: try row.knownTime("started_at"), finishedAt: try row.time("finished_at"),
            input: row.digest("input"), problems: try StoredJSON.value(row["problems"]),
            gates: try StoredJSON.value(row["gates"]), notes: try StoredJSON.value(row["notes"]))
    }
}
