/// Why a balancer could not be asked or changed.
package struct TrafficError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One sentence: what happened, where, and what to do.
    package var description: String
    /// Whether it may be over in a moment: a balancer that is being reloaded is away for as long as that takes.
    package var isPassing: Bool

    /// A sentence, and whether another try makes sense.
    package init(_ description: String, isPassing: Bool = false) {
        self.description = description
        self.isPassing = isPassing
    }
}
