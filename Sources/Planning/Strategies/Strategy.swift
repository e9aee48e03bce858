import Model

/// Orders one workload's work into steps. Pure: the same work always gives the same steps. A new strategy is one file
/// and one line in `strategy(_:)`.
protocol Strategy {
    /// Adds the steps that bring `work.items` to what is wanted and take `work.leaving` away; the ones that may begin first
    /// wait for `after`. Returns the steps that must be done before the workload counts as done.
    func compile(_ work: WorkloadWork, after: [Int], into builder: inout StepBuilder) -> [Int]

    /// Whether it takes the rollout's own steps itself; else they come when the new version has everything.
    var takesSteps: Bool { get }

    /// Whether its own steps watch the new version before it has everything, whatever the rollout's steps are.
    var watchesItself: Bool { get }

    /// Whether a person is asked before a workload's new version gets everything.
    func asks(_ work: WorkloadWork) -> Bool
}

extension Strategy {
    var takesSteps: Bool { false }
    var watchesItself: Bool { false }
    func asks(_ work: WorkloadWork) -> Bool { false }
}

/// The strategy for a name of the manifest.
func strategy(_ name: RolloutPolicy.Strategy) -> any Strategy {
    switch name {
    case .rolling: Rolling()
    case .canary: Canary()
    case .blueGreen: BlueGreen()
    case .recreate: Recreate()
    }
}
