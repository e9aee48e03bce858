import GRDB
import Model

extension Store {
    /// Every list of files that the inventory or a kept input needs, each once. Throws `StoreError`.
    package func fileLists() async throws(StoreError) -> [[SourceFile]] {
        var texts = try await read { db in
            try String.fetchSet(db, sql: "SELECT DISTINCT body ->> '$.files' FROM deployables")
        }
        // One at a time: an input may hold ten thousand workloads, and others want to read in between.
        for row in try await read({ try Int64.fetchAll($0, sql: "SELECT rowid FROM inputs") }) {
            texts.formUnion(
                try await read { db in
                    try String.fetchSet(
                        db,
                        sql: """
                            SELECT desired ->> '$.folderFiles' FROM inputs WHERE rowid = :row
                            UNION SELECT entry.value ->> '$.files'
                            FROM inputs, json_each(inputs.desired, '$.deployables') AS entry WHERE inputs.rowid = :row
                            """, arguments: ["row": row])
                })
        }
        do {
            return try texts.map { try StoredJSON.value($0) }
        } catch {
            throw StoreError(error, path: path)
        }
    }
}
