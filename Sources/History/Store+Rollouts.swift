import GRDB
import Model

/// What rollouts leave besides their steps.
extension Store {
    /// What a person said to a step; nil while nobody has. Throws `StoreError`.
    package func decision(_ reconcile: Int, step: Int) async throws(StoreError) -> Decision? {
        try await decisions(reconcile)[step]
    }

    /// Every decision of a reconcile, by step. Throws `StoreError`.
    package func decisions(_ reconcile: Int) async throws(StoreError) -> [Int: Decision] {
        try await read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT * FROM approvals WHERE reconcile_id = ?", arguments: [reconcile])
            return Dictionary(
                try rows.map { row in
                    (
                        row["step_id"] as Int,
                        Decision(
                            isApproved: row["decision"] == "approved", person: row["person"],
                            plan: Digest(hex: row["plan"]), at: try row.knownTime("at"))
                    )
                }, uniquingKeysWith: { first, _ in first })
        }
    }

    /// How the requests of an environment's workloads were last shared out, by workload and instance. Throws `StoreError`.
    package func traffic(_ environment: String) async throws(StoreError) -> [TrafficRecord] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM traffic WHERE environment = ? ORDER BY workload, instance",
                arguments: [environment.stored]
            ).map { row in
                TrafficRecord(
                    workload: row["workload"], instance: row["instance"], wanted: row["wanted"], seen: row["seen"],
                    told: row["told"], at: try row.knownTime("at"))
            }
        }
    }
}
