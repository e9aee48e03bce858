/// Why a plugin cannot be asked, or gave no answer: one sentence, redacted and fit to be shown.
package struct PluginFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sentence.
    package var reason: String

    /// Takes the sentence.
    package init(_ reason: String) { self.reason = reason }

    /// The sentence.
    package var description: String { reason }
}
