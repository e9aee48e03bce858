import Model

/// How an environment stands: what the last pass left for the next one, in this process or another.
package struct EnvironmentRecord: Hashable, Sendable, Codable {
    /// The environment's name.
    package var name: String
    /// Its folder, relative to the source's folder.
    package var folder: String
    /// The name of the source it belongs to; nil for the only one, which needs no name.
    package var source: String?
    /// What git wants, as last read; nil before the first successful read.
    package var input: Input?
    /// The commit that input was last seen at.
    package var commit: String? = nil
    /// The tag by which the source came to that commit; nil where it follows a branch: hostile text.
    package var tag: String? = nil
    /// How the last pass ended; nil before the first.
    package var outcome: Outcome?
    /// Why, and what would change it: one sentence.
    package var reason: String
    /// What is wrong in its manifests.
    package var problems: [Problem]
    /// What stands in the way.
    package var gates: [Gate]
    /// Set while its input is not to be tried again.
    package var hold: Hold?
    /// Set while nothing may be done.
    package var pause: Pause?
    /// Set while the open rollout is to be made a failure by whoever goes on with it: why.
    package var abort: String?
    /// Passes in a row that could not repair drift.
    package var driftFailures: Int
    /// The input the environment was last brought to.
    package var running: Digest?
    /// The reconcile that has begun and not ended.
    package var openReconcile: Int?
    /// The newest reconcile that was recorded.
    package var lastReconcile: Int?
    /// How many passes there were, recorded ones and others.
    package var passes = 0
    /// When the last pass ended.
    package var lastPassAt: Timestamp? = nil
    /// When the loop looks again; nil where no loop runs.
    package var nextPassAt: Timestamp? = nil
    /// How often the loop looks.
    package var interval: TimeSpan
    /// The environments that come before it.
    package var after: [String]
    /// The input of the last outcome that was recorded and told.
    package var told: Input?
    /// Whether a metric of it is measured in each pass; nil where none is.
    package var measures: Bool? = nil

    // What every pass changes has columns of its own.
    private enum CodingKeys: String, CodingKey {
        case name, folder, source, input, outcome, reason, problems, gates, hold, pause, driftFailures, running, tag
        case openReconcile, lastReconcile, interval, after, told, abort, measures
    }

    /// A new environment has only a name and a folder.
    package init(
        name: String, folder: String, source: String? = nil, input: Input? = nil, commit: String? = nil,
        outcome: Outcome? = nil,
        reason: String = "", problems: [Problem] = [], gates: [Gate] = [], hold: Hold? = nil, pause: Pause? = nil,
        driftFailures: Int = 0, running: Digest? = nil, openReconcile: Int? = nil, lastReconcile: Int? = nil,
        passes: Int = 0, lastPassAt: Timestamp? = nil, nextPassAt: Timestamp? = nil,
        interval: TimeSpan = .seconds(30), after: [String] = [], told: Input? = nil, abort: String? = nil
    ) {
        self.name = name
        self.folder = folder
        self.source = source
        self.input = input
        self.commit = commit
        self.outcome = outcome
        self.reason = reason
        self.problems = problems
        self.gates = gates
        self.hold = hold
        self.pause = pause
        self.driftFailures = driftFailures
        self.running = running
        self.openReconcile = openReconcile
        self.lastReconcile = lastReconcile
        self.passes = passes
        self.lastPassAt = lastPassAt
        self.nextPassAt = nextPassAt
        self.interval = interval
        self.after = after
        self.told = told
        self.abort = abort
    }

    /// Whether the last pass could not go on with the open reconcile, which began at a time.
    package func isStuck(since began: Timestamp?) -> Bool {
        guard openReconcile != nil, outcome == .error, let began, let lastPassAt else { return false }
        return lastPassAt >= began
    }

    /// Whether two differ in nothing but what every pass changes: the commit, the count and the times of passes.
    package func isSameButForPass(_ other: EnvironmentRecord) -> Bool {
        var other = other
        (other.commit, other.passes) = (commit, passes)
        (other.lastPassAt, other.nextPassAt) = (lastPassAt, nextPassAt)
        return self == other
    }
}
