import GRDB
import Model

/// One SQL statement with its values, ready for the committer's thread.
struct JournalStatement: Sendable {
    var sql: String
    var arguments: StatementArguments
    /// What is wrong where no row is there to be changed; nil where that is in order.
    var missing: String?

    init(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?], missing: String? = nil) {
        self.sql = sql
        self.arguments = StatementArguments(arguments)
        self.missing = missing
    }

    /// Throws `DatabaseError`, or `StoreError` where a row is missing.
    func run(in db: Database) throws {
        try db.cachedStatement(sql: sql).execute(arguments: arguments)
        if let missing, db.changesCount == 0 {
            throw StoreError(.rejected, missing, advice: "please report this")
        }
    }
}
