/// What an environment's pipeline asks for around the rollouts of its workloads.
package struct PipelineStages: Hashable, Sendable, Codable {
    /// What comes before anything is touched.
    package var before: [RolloutStep]
    /// What comes after all workloads are done.
    package var after: [RolloutStep]

    /// Both parts.
    package init(before: [RolloutStep] = [], after: [RolloutStep] = []) {
        self.before = before
        self.after = after
    }
}
