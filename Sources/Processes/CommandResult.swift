import Model

/// What became of a child process.
package struct CommandResult: Sendable {
    /// How it ended.
    package enum Ending: Hashable, Sendable {
        case exited(Int32)
        case signaled(Int32)
        /// The deadline passed; its process group was killed.
        case timedOut
        /// The task that waited for it was cancelled; its process group was killed.
        case cancelled
        /// It never ran; the reason is one sentence.
        case notStarted(String)
    }

    /// How it ended.
    package var ending: Ending
    /// Standard output, redacted, at most the command's limit.
    package var output: [UInt8]
    /// Standard error, redacted, at most the command's limit.
    package var errors: [UInt8]
    /// Whether either output was cut.
    package var isTruncated: Bool
    /// How long it ran.
    package var duration: TimeSpan

    /// All parts.
    package init(ending: Ending, output: [UInt8], errors: [UInt8], isTruncated: Bool, duration: TimeSpan) {
        self.ending = ending
        self.output = output
        self.errors = errors
        self.isTruncated = isTruncated
        self.duration = duration
    }

    /// The result of a command that never ran.
    package init(notStarted reason: String) {
        self.init(ending: .notStarted(reason), output: [], errors: [], isTruncated: false, duration: .zero)
    }

    /// Whether it ended by itself with exit 0.
    package var succeeded: Bool { ending == .exited(0) }
}
