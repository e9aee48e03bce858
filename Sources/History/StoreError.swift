import Model

/// Why the record could not be read or written. Each says what happened, where, and what to do next.
package struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it was.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        /// The disk is full.
        case full
        /// The folder or the file system cannot be written.
        case readOnly
        /// Another process holds the state folder.
        case locked
        /// Another process writes to the record for longer than we wait.
        case busy
        /// The file is damaged, or is not a record of ours.
        case corrupt
        /// The file was written by a newer version.
        case newerSchema
        /// There is no record yet.
        case missing
        /// What was to be written does not fit what is there: our own mistake.
        case rejected
        /// The file system or the disk failed.
        case io
    }

    /// What kind of failure.
    package var code: Code
    /// What happened and where, one sentence without a full stop.
    package var message: String
    /// What to do about it, one sentence without a full stop.
    package var advice: String

    /// All parts.
    package init(_ code: Code, _ message: String, advice: String) {
        self.code = code
        self.message = message
        self.advice = advice
    }

    /// `message; advice`.
    package var description: String { "\(message); \(advice)" }
}

extension StoreError {
    /// The state folder is held by another process.
    static func locked(by holder: LockHolder?, folder: String) -> StoreError {
        let who = holder.map { "process \($0.pid) (\(VisibleText.line($0.command)))" } ?? "another process"
        return StoreError(
            .locked, "the state folder \(folder) is held by \(who)",
            advice: "use `reconcile wake` to make it look now, or wait until it ends")
    }
}
