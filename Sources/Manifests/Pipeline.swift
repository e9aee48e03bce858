import Model

/// A pipeline's stages as what they stand for: around the rollouts, and within those of workloads that name no
/// strategy of their own.
struct Pipeline {
    /// The steps of a canary; empty where the pipeline has none.
    private(set) var canary: [RolloutStep] = []
    /// What comes before everything and after it.
    private(set) var stages = PipelineStages()

    /// What makes no sense, with the stage that it is about.
    private(set) var problems: [(ParsedFile.PlacedStage, String)] = []
    /// Stages that have nothing to do where they stand.
    private(set) var idle: [ParsedFile.PlacedStage] = []

    private enum Part {
        case before, canary, after
    }

    /// `smoke` is what the environment's smoke tests ask.
    init(_ placed: [ParsedFile.PlacedStage], smoke: [Check]) {
        var part = Part.before
        var weight = 0
        for one in placed {
            switch one.stage {
            case .build, .test: break
            case .approvalGate:
                add(.approve(""), to: part)
                if part == .canary { stages.asksWithin = true }
            case .smokeTest: add(.smoke(smoke), to: part)
            case .monitor(let span):
                if part == .before { idle.append(one) } else { add(.monitor(span), to: part) }
            case .canary(let percent):
                if part == .after {
                    problems.append(
                        (one, "`\(one.stage.shown)` stands after everything is deployed: put it before that stage"))
                } else if percent < weight {
                    problems.append(
                        (one, "`\(one.stage.shown)` gives less than the stage before it, which gave \(weight)%"))
                }
                part = .canary
                weight = max(weight, percent)
                add(.weight(percent), to: part)
            case .deploy, .deployFull: part = .after
            }
        }
    }

    private mutating func add(_ step: RolloutStep, to part: Part) {
        switch part {
        case .before: stages.before.append(step)
        case .canary: canary.append(step)
        case .after: stages.after.append(step)
        }
    }
}
