/// An instant query to whatever speaks Prometheus' HTTP API.
package struct PrometheusProbe: Hashable, Sendable, Codable {
    /// The server's address; `/api/v1/query` is added to it.
    package var url: Text
    /// The query, with variables such as `{{side}}`. It must give one number.
    package var query: QueryTemplate
    /// Sent with each request.
    package var headers: RequestHeaders

    /// All parts.
    package init(url: Text, query: QueryTemplate, headers: RequestHeaders = RequestHeaders()) {
        self.url = url
        self.query = query
        self.headers = headers
    }
}
