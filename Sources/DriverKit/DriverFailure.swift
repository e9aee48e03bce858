/// Why a driver could not do or say what it was asked.
package struct DriverFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// One sentence, redacted: what happened, where, and what to do.
    package var reason: String

    /// The reason.
    package var description: String { reason }

    /// A failure with its sentence.
    package init(_ reason: String) { self.reason = reason }
}
