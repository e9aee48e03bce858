import Model

/// How much there is in the record.
package struct Counters: Hashable, Sendable {
    /// Finished reconciles by how they ended.
    package var outcomes: [Outcome: Int]
    /// Reconciles that have begun and not ended.
    package var open: Int
    /// Requests that were not answered yet.
    package var pendingRequests: Int
    /// The size of the record's main file in bytes.
    package var bytes: Int

    /// All parts.
    package init(outcomes: [Outcome: Int], open: Int, pendingRequests: Int, bytes: Int) {
        self.outcomes = outcomes
        self.open = open
        self.pendingRequests = pendingRequests
        self.bytes = bytes
    }
}
