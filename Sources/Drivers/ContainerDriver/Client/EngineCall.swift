import Model
import NIOHTTP1

/// One request to an engine.
struct EngineCall: Sendable {
    /// What it is, for people: `create web-1`.
    var name: String
    var method: HTTPMethod = .GET
    /// Below the version, already encoded: `/containers/json`.
    var path: String
    var query: [(String, String)] = []
    var headers: [(String, String)] = []
    /// JSON; nil for none.
    var body: [UInt8]?
    var timeout: TimeSpan
    /// How much of an answer is read, in bytes; more is an error.
    var limit = 16 << 20

    /// Path and query as they stand in the request.
    var target: String {
        guard !query.isEmpty else { return path }
        return path + "?" + query.map { $0 + "=" + EngineCall.encode($1) }.joined(separator: "&")
    }

    /// Everything but letters, digits and `-._~` as `%XX`; with `keeping`, these bytes stay too.
    static func encode(_ text: String, keeping kept: String = "") -> String {
        PercentEncoding.encode(text, keeping: "-._~" + kept)
    }
}
