import Model

/// Why the library did not connect.
struct ConnectFailure: Error {
    /// What happened.
    var error: SourceError
    /// What the library cannot do that this server wants; nil where another transport would fare no better.
    var limit: String?
}
