import Model

/// What spoke to the server, and why that one.
package struct TransportUse: Hashable, Sendable, Codable {
    /// `libgit2` or `git`.
    package var transport: Transport
    /// One clause, such as `libgit2 cannot present a client certificate`; may quote a server, cleaned. Nil where there
    /// was nothing to decide.
    package var reason: String?

    /// Both parts.
    package init(_ transport: Transport, because reason: String? = nil) {
        self.transport = transport
        self.reason = reason
    }

    /// Fit for people: `the git command, because …`.
    package var text: String {
        (transport == .git ? "the git command" : "libgit2") + (reason.map { ", because \($0)" } ?? "")
    }
}
