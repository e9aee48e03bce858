/// What a balancer was seen to give a workload's instances.
package enum RouteObservation: Hashable, Sendable, Codable {
    /// The share of all requests in parts per 10,000, by the instance's name. Whom the balancer does not know is not in it;
    /// who drains, or gets nothing, is there with 0.
    case seen([String: Int])
    /// It could not be seen; never a cause to act. The reason is one sentence.
    case unknown(String)
}
