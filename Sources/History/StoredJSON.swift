import FoundationEssentials
import Model

/// JSON in a column.
enum StoredJSON {
    /// Throws `.rejected` where a value has no JSON form.
    static func text(_ value: some Encodable) throws(StoreError) -> String {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw StoreError(.rejected, "a value has no JSON form (\(error))", advice: "please report this")
        }
    }

    /// Throws `DecodingError`.
    static func value<T: Decodable>(_ text: String) throws -> T {
        try JSONDecoder().decode(T.self, from: Data(text.utf8))
    }
}

extension String {
    /// As it is kept in a text column: SQLite's text ends at a NUL, so that is kept as its picture, `␀`.
    var stored: String { utf8.contains(0) ? String(map { $0 == "\0" ? "␀" : $0 }) : self }
}
