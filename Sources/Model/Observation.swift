/// What a driver saw of one instance.
package enum Observation: Hashable, Sendable, Codable {
    /// It runs, at what it says of itself: a digest of ours, or any other text.
    case running(String)
    case absent
    /// It could not be seen; never treated as absent, never a cause to act. The reason is one sentence.
    case unknown(String)
}
