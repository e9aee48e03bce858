import Model
import Processes

/// Something that happened while the engine worked: progress on a terminal, a line of `--log json`.
package struct EngineEvent: Sendable {
    /// What sort of thing.
    package enum Kind: String, Sendable, Codable {
        case started, fetched, ending, ended, planned, step, progress, outcome, warning
        case fetchFailed = "fetch-failed"
        case notifyFailed = "notify-failed"
    }

    /// When.
    package var at: Timestamp
    /// What sort.
    package var kind: Kind
    /// The source concerned; nil for the only one.
    package var source: String?
    /// The environment concerned.
    package var environment: String?
    /// The record concerned.
    package var reconcile: Int?
    /// The step concerned and how far it is.
    package var step: Step?
    /// How far the step is.
    package var state: Step.State?
    /// How the pass ended.
    package var outcome: Outcome?
    /// One sentence, hostile text not cleaned.
    package var text: String

    /// All parts; it happens now.
    package init(
        _ kind: Kind, source: String? = nil, environment: String? = nil, reconcile: Int? = nil, step: Step? = nil,
        state: Step.State? = nil, outcome: Outcome? = nil, text: String
    ) {
        at = WallClock.now()
        self.kind = kind
        self.source = source
        self.environment = environment
        self.reconcile = reconcile
        self.step = step
        self.state = state
        self.outcome = outcome
        self.text = text
    }
}

/// Takes events as they happen; must not block.
package typealias EventSink = @Sendable (EngineEvent) -> Void
