/// Requests to instances or to one address, and which number is made of their answers.
package struct HTTPProbe: Hashable, Sendable, Codable {
    /// Who is asked.
    package enum Address: Hashable, Sendable, Codable {
        /// A path of each instance, at the address that its driver gives for the port; nil: for its first port.
        case instances(path: String, port: Int?)
        /// A whole address, the same for all.
        case url(Text)
    }

    /// Which number is made of the answers.
    package enum Figure: Hashable, Sendable, Codable {
        /// The share of requests without an answer, or with another status than expected: 0 to 1.
        case failed
        /// The time within which so many percent of the answers came, in milliseconds.
        case latency(percentile: Double)
        /// A number at a place of the answer's JSON.
        case json(JSONPath)
    }

    /// Who is asked.
    package var address: Address
    /// What is made of the answers.
    package var figure: Figure
    /// The status that is expected; nil for any of 200–399.
    package var expect: Int?
    /// How many requests one measurement makes, one after the other.
    package var requests: Int
    /// Sent with each request.
    package var headers: RequestHeaders

    /// All parts; the defaults are those of the manifest.
    package init(
        address: Address, figure: Figure = .failed, expect: Int? = nil, requests: Int = 1,
        headers: RequestHeaders = RequestHeaders()
    ) {
        self.address = address
        self.figure = figure
        self.expect = expect
        self.requests = requests
        self.headers = headers
    }
}
