import Model

/// What the engine is told once, at its start or when the configuration is read again.
package struct EngineSettings: Sendable {
    /// The state folder.
    package var state: String
    /// How many commands may run together.
    package var parallel: Int
    /// Trust the record and observe nothing that it says is in place.
    package var trustsRecord: Bool
    /// Let one pass delete more than `max_delete`.
    package var allowDelete: Bool
    /// Only these environments; nil for all.
    package var only: Set<String>?
    /// By how much, in percent, every interval varies at random.
    package var jitter: Int
    /// Commands that are told of every outcome that changed, run in `notifyFolder`.
    package var notify: [Text]
    /// Where `notify` runs.
    package var notifyFolder: String
    /// How many finished reconciles are kept.
    package var keepReconciles: Int
    /// How many days they are kept; nil for no limit.
    package var keepDays: Int?

    /// All parts.
    package init(
        state: String, parallel: Int = 16, trustsRecord: Bool = false, allowDelete: Bool = false,
        only: Set<String>? = nil, jitter: Int = 10, notify: [Text] = [],
        notifyFolder: String = ".", keepReconciles: Int = 10_000, keepDays: Int? = nil
    ) {
        self.state = state
        self.parallel = parallel
        self.trustsRecord = trustsRecord
        self.allowDelete = allowDelete
        self.only = only
        self.jitter = jitter
        self.notify = notify
        self.notifyFolder = notifyFolder
        self.keepReconciles = keepReconciles
        self.keepDays = keepDays
    }
}
