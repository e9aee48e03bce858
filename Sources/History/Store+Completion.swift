import GRDB

/// What a shell offers while somebody types. These wait for SQLite on the calling thread: for a process that does nothing
/// else.
extension Store {
    /// The names of all environments, sorted. Throws `StoreError`.
    package func environmentNames() throws(StoreError) -> [String] {
        try now { db in try String.fetchAll(db, sql: "SELECT name FROM environments ORDER BY name") }
    }

    /// The numbers of the newest reconciles, the newest first. Throws `StoreError`.
    package func newestReconciles(limit: Int) throws(StoreError) -> [Int] {
        try now { db in
            try Int.fetchAll(db, sql: "SELECT id FROM reconciles ORDER BY id DESC LIMIT ?", arguments: [limit])
        }
    }

    private func now<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
        do {
            return try reader.read(body)
        } catch {
            throw StoreError(error, path: path)
        }
    }
}
