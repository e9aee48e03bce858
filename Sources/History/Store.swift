import GRDB
import Glibc
import Model
import Synchronization

/// The record: one SQLite file. One process writes it at a time, any number read it.
///
/// Every call that waits for SQLite does so on a thread of its own; none is cut short by cancelling its task.
package final class Store: Sendable {
    /// The file.
    package let path: String
    /// Identifies this record for ever: 32 hex digits, made with it.
    package let stateID: String
    /// Nil for a record that was opened for reading only.
    package let journal: Journal?
    // In this order: a record that is dropped is closed as `close` does it.
    let writer: DatabaseQueue?
    let reader: DatabaseQueue
    /// What instances were last read to run, by environment and id.
    let deployables = Mutex<[String: [String: Deployable]]>([:])

    private init(path: String, stateID: String, reader: DatabaseQueue, writer: DatabaseQueue?, newestID: Int) {
        self.path = path
        self.stateID = stateID
        self.reader = reader
        self.writer = writer
        journal = writer.map { Journal(writer: $0, nextID: newestID + 1) }
    }

    /// Opens the record, and makes or migrates it where it is opened for writing. Blocks for some milliseconds.
    /// Throws `StoreError`: `.missing` where there is none to read, `.newerSchema`, `.readOnly`, `.corrupt`, ….
    package static func open(path: String, readOnly: Bool) throws(StoreError) -> Store {
        // What begins with `file:` would be an address to SQLite.
        let path = path.hasPrefix("/") ? path : "./" + path
        let writer = readOnly ? nil : try openWriter(path)
        let reader = try openReader(path)
        do {
            let (stateID, newestID) = try reader.read { db in
                guard try Migrations.check(db) > 0 else { throw missing(path) }
                return (
                    try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'state_id'") ?? "",
                    try Int.fetchOne(db, sql: "SELECT max(id) FROM reconciles") ?? 0
                )
            }
            return Store(path: path, stateID: stateID, reader: reader, writer: writer, newestID: newestID)
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// Closes the file, as dropping the last reference does; what is asked of it afterwards throws. What was committed
    /// is safe without it. The reader goes last: it leaves the write-ahead log in its place, which is quick, and lets
    /// the record be read even where its folder cannot be written. Whoever opens the record next reads the whole log,
    /// so a long one is emptied first.
    package func close() {
        if isLogLong { try? writer?.inDatabase { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") } }
        try? writer?.close()
        try? reader.close()
    }

    private var isLogLong: Bool {
        var status = stat()
        return writer != nil && stat(path + "-wal", &status) == 0 && status.st_size > 1 << 20
    }

    private static func openWriter(_ path: String) throws(StoreError) -> DatabaseQueue {
        try StateFolder.make(StateFolder.of(path))
        // SQLite would open what it cannot write for reading, and fail much later.
        for place in [path, StateFolder.of(path)] where access(place, F_OK) == 0 && access(place, W_OK) != 0 {
            throw StateFolder.failure(errno, place)
        }
        var configuration = Configuration()
        configuration.label = "record.writer"
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { db in
            // Only a file that is empty takes this; asked of another it would cost a synced write.
            if try Int.fetchOne(db, sql: "PRAGMA page_count") == 0 {
                try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            }
            try db.execute(
                sql: """
                    PRAGMA journal_mode = WAL;
                    PRAGMA synchronous = FULL;
                    PRAGMA journal_size_limit = 8388608;
                    PRAGMA temp_store = MEMORY;
                    """)
        }
        do {
            let writer = try DatabaseQueue(path: path, configuration: configuration)
            try writer.inDatabase { try Migrations.run($0) }
            return writer
        } catch {
            throw StoreError(error, path: path)
        }
    }

    private static func openReader(_ path: String) throws(StoreError) -> DatabaseQueue {
        guard access(path, F_OK) == 0 else { throw missing(path) }
        var configuration = Configuration()
        configuration.label = "record.reader"
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        do {
            return try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            // A log that is missing cannot be made in a folder that cannot be written; then nobody else writes either.
            if (error as? DatabaseError)?.resultCode == .SQLITE_CANTOPEN, access(path + "-wal", F_OK) != 0,
                let still = try? DatabaseQueue(path: immutableAddress(path), configuration: configuration)
            {
                return still
            }
            throw StoreError(error, path: path)
        }
    }

    private static func missing(_ path: String) -> StoreError {
        StoreError(.missing, "there is no record at \(path) yet", advice: "run a pass first")
    }

    private static func immutableAddress(_ path: String) -> String {
        "file:" + PercentEncoding.encode(path, keeping: "/._-") + "?immutable=1"
    }
}
