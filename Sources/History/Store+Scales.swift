import GRDB
import Model

extension Store {
    /// The workloads of an environment that scale themselves, by name. Throws `StoreError`.
    package func scales(_ environment: String) async throws(StoreError) -> [ScaleRecord] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM scales WHERE environment = ? ORDER BY workload", arguments: [environment.stored]
            ).map { row in
                ScaleRecord(
                    workload: row["workload"], count: row["count"], value: row["value"], detail: row["detail"],
                    at: try row.knownTime("at"), because: row["because"])
            }
        }
    }

    /// What was recommended for a workload, oldest first. Throws `StoreError`.
    package func recommendations(
        _ environment: String, workload: String
    ) async throws(StoreError) -> [Recommendation] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT at, count FROM recommendations WHERE environment = ? AND workload = ? ORDER BY at",
                arguments: [environment.stored, workload.stored]
            ).map { Recommendation(at: try $0.knownTime("at"), count: $0["count"]) }
        }
    }
}
