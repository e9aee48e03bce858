/// What `environment.yaml` says: how an environment is watched, changed and protected.
package struct Policy: Hashable, Sendable, Codable {
    /// What a failed rollout leads to.
    package enum OnFailure: String, Hashable, Sendable, Codable, CaseIterable {
        case rollback, pause, revert
    }

    /// What drift leads to.
    package enum Drift: String, Hashable, Sendable, Codable, CaseIterable {
        case repair, report
    }

    /// How often the loop looks.
    package var interval: TimeSpan
    /// What a failed rollout leads to.
    package var onFailure: OnFailure
    /// What drift leads to.
    package var drift: Drift
    /// Whether workloads that git no longer has are removed.
    package var prune: Bool
    /// The share of workloads that one plan may delete without asking.
    package var maxDelete: Share
    /// How long a whole pass may take.
    package var deadline: TimeSpan
    /// Commands that are told of every outcome that changed; run in the environment's folder.
    package var notify: [Text]
    /// Asked after every rollout, in order; all must pass.
    package var smoke: [Check]
    /// Environments that must be as git says before this one is touched.
    package var after: [String]
    /// The pipeline's stages in order, where one is given: shown in the plan.
    package var pipeline: [String]
    /// What the pipeline asks for around the rollouts; nil where it asks for nothing.
    package var stages: PipelineStages?

    /// All parts; the defaults are those of the manifest.
    package init(
        interval: TimeSpan = .seconds(30), onFailure: OnFailure = .rollback, drift: Drift = .repair,
        prune: Bool = true, maxDelete: Share = .percent(50), deadline: TimeSpan = .seconds(3600),
        notify: [Text] = [], smoke: [Check] = [], after: [String] = [], pipeline: [String] = [],
        stages: PipelineStages? = nil
    ) {
        self.interval = interval
        self.onFailure = onFailure
        self.drift = drift
        self.prune = prune
        self.maxDelete = maxDelete
        self.deadline = deadline
        self.notify = notify
        self.smoke = smoke
        self.after = after
        self.pipeline = pipeline
        self.stages = stages
    }
}
