/// What an environment's pipeline asks for around the rollouts of its workloads.
package struct PipelineStages: Hashable, Sendable, Codable {
    /// What comes before anything is touched.
    package var before: [RolloutStep]
    /// What comes after all workloads are done.
    package var after: [RolloutStep]
    /// Whether a person is asked between the first canary and the full deployment. A workload that has no canary to be asked
    /// in is not touched before that.
    package var asksWithin: Bool

    /// All parts.
    package init(before: [RolloutStep] = [], after: [RolloutStep] = [], asksWithin: Bool = false) {
        self.before = before
        self.after = after
        self.asksWithin = asksWithin
    }
}

extension PipelineStages {
    /// Reads what any version has written: what is not there keeps its default.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            before: try values.decode([RolloutStep].self, forKey: .before),
            after: try values.decode([RolloutStep].self, forKey: .after),
            asksWithin: try values.decodeIfPresent(Bool.self, forKey: .asksWithin) ?? false)
    }
}
