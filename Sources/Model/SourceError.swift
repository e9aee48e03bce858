/// Why a source could not be read. Each says what happened, where, and what to do next.
package struct SourceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it was.
    package enum Code: String, Hashable, Sendable, Codable {
        /// The server did not answer in time, refused, or broke off.
        case unreachable, timeout
        /// The server wants to be asked less often.
        case limited
        /// Wrong or missing credentials.
        case authentication
        /// The repository or the branch is not there.
        case repositoryMissing, branchMissing
        /// No tag matches, or the one that was followed is gone.
        case tagMissing
        /// The commit is not in the mirror.
        case revisionMissing
        /// Shallow, SHA-256 or otherwise not readable by us.
        case unsupported
        /// The local mirror is damaged; it is rebuilt by the next fetch.
        case corrupt
        /// More or larger than the caps allow.
        case tooLarge
        /// The state folder cannot be written or read.
        case storage
        /// A setting that cannot be used: a bad address, a bad branch name.
        case configuration
        /// The worker crashed or said something unexpected.
        case failed
    }

    /// What kind of failure.
    package var code: Code
    /// What happened and where, one sentence without a full stop; never holds credentials.
    package var message: String
    /// What to do about it, one sentence without a full stop.
    package var advice: String
    /// How long a server that limits us wants to be left alone; nil where it does not say.
    package var retryAfter: TimeSpan?

    /// All parts.
    package init(_ code: Code, _ message: String, advice: String) {
        self.code = code
        self.message = message
        self.advice = advice
    }

    /// `message; advice`.
    package var description: String { advice.isEmpty ? message : "\(message); \(advice)" }
}
