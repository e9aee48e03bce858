/// Why a child process never ran: one sentence for people, without any secret.
package struct NotStarted: Error, Sendable, CustomStringConvertible {
    /// The sentence.
    package var reason: String

    /// The sentence.
    package var description: String { reason }
}
