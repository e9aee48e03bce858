/// Why a text is no range of versions: one sentence without a full stop.
package struct VersionRangeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sentence.
    package var description: String

    /// Takes the sentence.
    package init(_ description: String) { self.description = description }
}
