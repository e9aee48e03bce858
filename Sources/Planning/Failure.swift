import Model

/// Why a rollout stopped going where it was going.
package struct Failure: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    /// What sort of failure it was.
    package enum Kind: String, Hashable, Sendable, Codable {
        /// An act failed on every try.
        case act
        /// An instance did not become or stay healthy in time.
        case health
        case smoke
        /// The pass, or a workload's progress, took longer than allowed.
        case deadline
        /// A person ended it.
        case aborted
        /// A person was asked and said no.
        case rejected
        /// What was measured is worse than allowed.
        case monitor
        /// What an act led to could not be seen: never a cause to act further.
        case unknown
    }

    /// What sort.
    package var kind: Kind
    /// The workload concerned; nil for the environment as a whole.
    package var workload: String?
    /// One sentence.
    package var reason: String

    /// The reason.
    package var description: String { reason }

    /// All parts.
    package init(_ kind: Kind, workload: String? = nil, reason: String) {
        self.kind = kind
        self.workload = workload
        self.reason = reason
    }
}
