import Model

/// What the worker answers, on its standard output.
struct FetchAnswer: Codable {
    /// Why nothing was fetched; nil where the mirror is up to date.
    var error: Failure?
    /// What there is to know of how it came to be so, a sentence each.
    var notes: [String] = []

    struct Failure: Codable {
        var code: SourceError.Code
        var message: String
        var advice: String
    }

    init(_ error: SourceError?, notes: [String] = []) {
        self.notes = notes
        self.error = error.map { Failure(code: $0.code, message: $0.message, advice: $0.advice) }
    }
}
