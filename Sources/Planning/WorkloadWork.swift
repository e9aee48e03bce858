import Model

/// One workload's work, forward or back, as a strategy gets it.
struct WorkloadWork {
    struct Item {
        var instance: String
        var index: Int
        /// What is there now; nil where nothing is.
        var old: Deployable?
        /// Whether `old` cannot be updated in place.
        var isReplaced: Bool
        /// What shall be there; nil where nothing shall.
        var new: Deployable?
    }

    var workload: String
    var rollout: RolloutPolicy
    /// How many instances may be worked on together.
    var parallel: Int
    /// How long a new instance must stay healthy: nothing where every digest is known good.
    var minHealthyTime: TimeSpan
    var items: [Item]
}
