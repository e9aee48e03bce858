/// What is to become of the requests of an A/B test.
package enum Matching: Hashable, Sendable {
    /// They go where they went.
    case asIs
    /// No request is told apart.
    case nobody
    /// These go to `ServerGroup.matching`.
    case these(Match)

    /// The requests that are told apart.
    var match: Match? {
        if case .these(let match) = self { return match }
        return nil
    }
}
