/// Why the wake socket could not be used. Says what happened, where, and what to do next.
package struct ControlError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened and where, one sentence without a full stop.
    package var message: String
    /// What to do about it, one sentence without a full stop.
    package var advice: String

    /// Both parts.
    package init(_ message: String, advice: String) {
        self.message = message
        self.advice = advice
    }

    /// `message; advice`.
    package var description: String { "\(message); \(advice)" }
}
