import GRDB
import Model

extension Store {
    /// Runs a read on the reader's thread, in one transaction. Throws `StoreError`.
    func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(StoreError) -> T {
        let path = path
        let result: Result<T, StoreError> = await withCheckedContinuation { done in
            reader.asyncRead { access in
                done.resume(returning: Result { try body(access.get()) }.mapError { StoreError($0, path: path) })
            }
        }
        return try result.get()
    }

    /// Runs a write on the writer's thread, in one transaction, beside the journal. Throws `StoreError`.
    func write<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(StoreError) -> T {
        try await withoutTransaction { db in
            var value: T?
            try db.inTransaction(.immediate) {
                value = try body(db)
                return .commit
            }
            guard let value else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
            return value
        }
    }

    /// Runs statements on the writer's thread, each by itself. Throws `StoreError`.
    func withoutTransaction<T: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> T
    ) async throws(StoreError) -> T {
        guard let writer else {
            throw StoreError(.readOnly, "the record \(path) was opened for reading only", advice: "please report this")
        }
        let path = path
        let result: Result<T, StoreError> = await withCheckedContinuation { done in
            writer.asyncWriteWithoutTransaction { db in
                done.resume(returning: Result { try body(db) }.mapError { StoreError($0, path: path) })
            }
        }
        return try result.get()
    }
}

extension Row {
    /// A time of ours in a column. Throws `DecodingError` for any other text.
    func time(_ column: String) throws -> Timestamp? {
        guard let text: String = self[column] else { return nil }
        guard let time = Timestamp(iso8601: text) else { throw Row.unreadable(column, text) }
        return time
    }

    /// A time that is always there.
    func knownTime(_ column: String) throws -> Timestamp {
        guard let time = try time(column) else { throw Row.unreadable(column, "nothing") }
        return time
    }

    /// A word of ours in a column.
    func word<T: RawRepresentable<String>>(_ column: String) throws -> T {
        let text: String = self[column]
        guard let word = T(rawValue: text) else { throw Row.unreadable(column, text) }
        return word
    }

    /// A digest in a column.
    func digest(_ column: String) -> Digest? { (self[column] as String?).map { Digest(hex: $0) } }

    private static func unreadable(_ column: String, _ text: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: [], debugDescription: "\(column) is \(VisibleText.line(text, limit: 80))"))
    }
}
