import GRDB
import Model

extension Store {
    /// Leaves a request for the process that holds the state folder, and gives its id. Any process may: the record
    /// must be open for writing, the lock is not needed. Throws `StoreError`.
    package func addRequest(
        _ kind: Request.Kind, environment: String, argument: String? = nil, at: Timestamp
    ) async throws(StoreError) -> Int {
        try await write { db in
            try db.execute(
                sql: "INSERT INTO requests(kind, environment, argument, created_at) VALUES (?, ?, ?, ?)",
                arguments: [kind.rawValue, environment.stored, argument?.stored, at.iso8601])
            return Int(db.lastInsertedRowID)
        }
    }

    /// Requests that wait for an answer, oldest first. Throws `StoreError`.
    package func pendingRequests() async throws(StoreError) -> [Request] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM requests WHERE done_at IS NULL ORDER BY id").map(Store.request)
        }
    }

    /// One request; nil where there is none, or where it was answered long ago. Throws `StoreError`.
    package func request(_ id: Int) async throws(StoreError) -> Request? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM requests WHERE id = ?", arguments: [id]).map(Store.request)
        }
    }

    private static func request(_ row: Row) throws -> Request {
        Request(
            id: row["id"], kind: try row.word("kind"), environment: row["environment"], argument: row["argument"],
            createdAt: try row.knownTime("created_at"), doneAt: try row.time("done_at"), succeeded: row["succeeded"],
            result: row["result"])
    }
}
