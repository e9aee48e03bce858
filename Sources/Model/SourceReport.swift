/// What one pass made of one source.
package struct SourceReport: Hashable, Sendable {
    /// Nil for the only one, which needs no name.
    package var name: String?
    /// The commit that was reconciled; nil where there is none yet.
    package var commit: String?
    /// Why it could not be fetched, or which of its environments are another's; nil where all is well.
    package var error: String?
    /// What spoke to the server, and why; nil where none was asked, or none answered.
    package var transport: String?

    /// All parts.
    package init(name: String? = nil, commit: String?, error: String?, transport: String? = nil) {
        self.name = name
        self.commit = commit
        self.error = error
        self.transport = transport
    }
}
