/// One thing that a canary or a pipeline does before it goes on.
package enum RolloutStep: Hashable, Sendable, Codable {
    /// Gives the new side so many percent of all requests, 0–100.
    case weight(Int)
    /// Brings the new side to so many instances.
    case instances(Share)
    /// From here on sends these requests to the new side whatever the weights: `{header: {name, value}}` or
    /// `{cookie: {name, value}}`.
    case match(Value)
    /// Watches the new side for so long.
    case monitor(TimeSpan)
    /// Lets so much time pass.
    case pause(TimeSpan)
    /// Waits for a person; what is asked is one sentence, empty for the usual one.
    case approve(String)
    /// Asks these once, in order; all must pass.
    case smoke([Check])
}
