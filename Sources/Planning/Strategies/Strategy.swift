import Model

/// Orders one workload's work into steps. Pure: the same work always gives the same steps. A new strategy is one file
/// and one line in `strategy(_:)`.
protocol Strategy {
    /// Adds the steps that bring `work.items` to what is wanted and take `work.leaving` away; the ones that may begin first
    /// wait for `after`. Returns the steps that must be done before the workload counts as done.
    func compile(_ work: WorkloadWork, after: [Int], into builder: inout StepBuilder) -> [Int]
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
