/// What one pass over one environment came to: what is printed, notified and recorded.
package struct EnvironmentReport: Hashable, Sendable {
    /// The environment's name.
    package var name: String
    /// How it ended.
    package var outcome: Outcome
    /// Why, and what would change it: one sentence.
    package var reason: String
    /// Whether the reason says more than that all is as git says: something is to be known though nothing was done.
    package var isRemarkable = false
    /// The record's id; nil where nothing was recorded.
    package var reconcile: Int?
    /// What differed.
    package var changes: [Change]
    /// What was or would be done.
    package var steps: [Step]
    /// What stands or stood in the way.
    package var gates: [Gate]
    /// What is wrong in its manifests.
    package var problems: [Problem]
    /// Things to know, a sentence each.
    package var notes: [String]
    /// What would change in files, where a dry run looked.
    package var files: [FileDifference]

    /// All parts.
    package init(
        name: String, outcome: Outcome, reason: String, reconcile: Int? = nil, changes: [Change] = [],
        steps: [Step] = [], gates: [Gate] = [], problems: [Problem] = [], notes: [String] = [],
        files: [FileDifference] = []
    ) {
        self.name = name
        self.outcome = outcome
        self.reason = reason
        self.reconcile = reconcile
        self.changes = changes
        self.steps = steps
        self.gates = gates
        self.problems = problems
        self.notes = notes
        self.files = files
    }
}

/// What one pass over everything came to.
package struct PassReport: Hashable, Sendable {
    /// One for each source, in the order of the configuration.
    package var sources: [SourceReport]
    /// One for each environment, by name.
    package var environments: [EnvironmentReport]

    /// All parts.
    package init(sources: [SourceReport], environments: [EnvironmentReport]) {
        self.sources = sources
        self.environments = environments
    }

    /// The commit of the only source, or of the first; nil where there is none yet.
    package var commit: String? { sources.first?.commit }

    /// What went wrong with the sources; nil where nothing did. Where there are several, each is named.
    package var sourceError: String? {
        let errors = sources.compactMap { source in
            source.error.map { error in source.name.map { "\($0): \(error)" } ?? error }
        }
        return errors.isEmpty ? nil : errors.joined(separator: "; ")
    }

    /// The highest-ranking of 1, 3, 4, 0. A source that could not be fetched is 1.
    package var exitStatus: Int32 {
        sourceError != nil ? 1 : Outcome.exitStatus(of: environments.map(\.outcome))
    }
}
