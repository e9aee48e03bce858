import GRDB
import Glibc
import Model

extension Store {
    /// What SQLite finds wrong with the file, a sentence each; empty where it is whole. Reads all of it.
    /// Throws `StoreError` where it cannot even be read.
    package func integrityCheck() async throws(StoreError) -> [String] {
        try await read { db in
            let broken = try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
            let dangling = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").map { row in
                let (table, parent): (String, String) = (row["table"], row["parent"])
                return "a row of \(table) refers to one of \(parent) that is not there"
            }
            return broken + dangling
        }
    }

    /// How much there is in the record. Throws `StoreError`.
    package func counters() async throws(StoreError) -> Counters {
        let path = path
        return try await read { db in
            var outcomes: [Outcome: Int] = [:]
            var open = 0
            for row in try Row.fetchAll(db, sql: "SELECT outcome, count(*) AS n FROM reconciles GROUP BY outcome") {
                if let name: String = row["outcome"] {
                    if let outcome = Outcome(rawValue: name) { outcomes[outcome] = row["n"] }
                } else {
                    open = row["n"]
                }
            }
            var status = stat()
            return Counters(
                outcomes: outcomes, open: open,
                pendingRequests: try Int.fetchOne(db, sql: "SELECT count(*) FROM requests WHERE done_at IS NULL") ?? 0,
                bytes: stat(path, &status) == 0 ? Int(status.st_size) : 0)
        }
    }
}
