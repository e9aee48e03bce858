import GRDB

/// What the library is, for people who look for a fault.
package enum SQLiteLibrary {
    /// Its version, such as `3.40.1`; nil where it cannot be asked.
    package static var version: String? {
        try? DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") }
    }
}
