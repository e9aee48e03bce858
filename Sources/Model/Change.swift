/// What differs for one workload between git and what runs.
package struct Change: Hashable, Sendable, Codable {
    /// What will be done about it.
    package enum Action: String, Hashable, Sendable, Codable {
        case create, update, replace, delete
    }

    /// Where the difference comes from.
    package enum Cause: String, Hashable, Sendable, Codable {
        case commit, drift
    }

    /// One thing that differs; values are for people and never hold a secret.
    package struct Field: Hashable, Sendable, Codable {
        /// Dotted, as in the manifest: `shell.env.VERSION`, `replicas`; an instance's name for drift.
        package var path: String
        /// Nil where there was nothing.
        package var from: String?
        /// Nil where there will be nothing.
        package var to: String?

        /// All parts.
        package init(path: String, from: String?, to: String?) {
            self.path = path
            self.from = from
            self.to = to
        }
    }

    /// The workload's name.
    package var workload: String
    /// What will be done.
    package var action: Action
    /// Where the difference comes from.
    package var cause: Cause
    /// Never empty for an update.
    package var fields: [Field]
    /// Why the number of instances is another than before, where the workload scales itself: one sentence.
    package var because: String?

    /// All parts.
    package init(workload: String, action: Action, cause: Cause, fields: [Field], because: String? = nil) {
        self.workload = workload
        self.action = action
        self.cause = cause
        self.fields = fields
        self.because = because
    }

    /// Whether it brings no new version: drift is repaired, or a workload scales itself.
    package var isRepair: Bool { cause == .drift || because != nil }
}
