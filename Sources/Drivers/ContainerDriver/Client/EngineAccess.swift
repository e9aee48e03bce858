/// An engine and how it is spoken to: what tells one engine from another.
struct EngineAccess: Hashable, Sendable {
    /// Absolute paths of PEM files; `ca` alone checks the engine, `cert` and `key` say who we are.
    struct TLS: Hashable, Sendable {
        var ca: String?
        var cert: String?
        var key: String?
    }

    var address: EngineAddress
    /// Only for `tcp://`; nil speaks plainly.
    var tls: TLS?
}
