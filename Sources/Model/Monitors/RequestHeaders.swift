/// What a request carries besides its address; values may be secrets.
package struct RequestHeaders: Hashable, Sendable, Codable {
    /// By name.
    package var values: [String: Text]
    /// Sent as `Authorization: Bearer …`.
    package var bearer: Text?

    /// Both parts.
    package init(values: [String: Text] = [:], bearer: Text? = nil) {
        self.values = values
        self.bearer = bearer
    }
}
