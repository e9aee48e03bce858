import Model

/// What the worker answers, a line on its standard output.
struct FetchAnswer: Codable {
    /// Why nothing was fetched; nil where the mirror is up to date.
    var error: Failure?
    /// What there is to know of how it came to be so, a sentence each.
    var notes: [String] = []
    /// What spoke to the server; nil where there is no server, or none was asked.
    var transport: TransportUse?

    struct Failure: Codable {
        var code: SourceError.Code
        var message: String
        var advice: String
        /// Milliseconds.
        var retryAfter: Int64?
    }

    init(_ error: SourceError?, notes: [String] = [], transport: TransportUse? = nil) {
        self.notes = notes
        self.transport = transport
        self.error = error.map {
            Failure(
                code: $0.code, message: $0.message, advice: $0.advice, retryAfter: $0.retryAfter?.milliseconds)
        }
    }

    /// The failure as it is thrown.
    var sourceError: SourceError? {
        error.map {
            var error = SourceError($0.code, $0.message, advice: $0.advice)
            error.retryAfter = $0.retryAfter.map { TimeSpan(milliseconds: $0) }
            return error
        }
    }
}
