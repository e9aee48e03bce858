import Model

/// One workload's work, forward or back, as a strategy gets it.
struct WorkloadWork {
    struct Item {
        var instance: String
        var index: Int
        /// What is there now; nil where nothing is.
        var old: Deployable?
        /// Whether `old` cannot be updated in place.
        var isReplaced = false
        /// What shall be there; nil where nothing shall.
        var new: Deployable?
        /// Whether `old` is not known to be good.
        var isDoubtful = false
        /// Whether it may still get traffic.
        var isServing = true
        /// Whether it comes before all others, which wait for it to prove itself.
        var isFirst = false
        /// Whether `new` is there already and was never seen to be good: it is not started, and proves itself.
        var isRunning = false

        /// What is there now.
        var there: Deployable? { old ?? (isRunning ? new : nil) }

        /// The same instance once what is wanted is there.
        var done: Item { Item(instance: instance, index: index, new: new) }
    }

    var workload: String
    var rollout: RolloutPolicy
    /// How many instances are wanted.
    var count: Int
    /// How many instances may be worked on together.
    var parallel: Int
    /// How long a new instance must stay healthy: nothing where every digest is known good.
    var minHealthyTime: TimeSpan
    /// Whether every digest is known good: then nothing has to prove itself.
    var isTrusted = false
    /// Instances to bring to what is wanted, in order.
    var items: [Item]
    /// Instances of other versions that go when there are enough of the wanted one, in order.
    var leaving: [Item] = []
    /// Instances of the wanted version that are there already.
    var staying: [Item] = []
    /// Instances that are out of reach: nothing is done to them, and who has traffic keeps it.
    var unseen: [Item] = []
    /// What traffic is shared out by; nil where nothing is.
    var routing: Value?
    /// What else may share it out and shall not any more.
    var formers: [Value] = []
    /// Which of these shares it out now, so that the work is done there; nil where `routing` does already.
    var current: Value?
    /// What `current` was seen to give the instances; nil where nobody has looked.
    var currentShares: [String: Int]?
    /// Whether anything besides its health may speak against the new version before it is good.
    var isWatched = false
    /// What is measured while a new version proves itself.
    var monitors: [Monitor] = []
    /// Whether the instances that are there do not share equally.
    var isUneven = false
    /// How hosts are gone through; nil where instances are not on hosts.
    var hosts: HostBatches?
    /// Whether the old side takes all traffic back at once, however few it is.
    var leavesAtOnce = false

    /// Whether instances are taken away before others come.
    var isStopFirst: Bool {
        items.contains { $0.old != nil && $0.new != nil } || (rollout.order == .stopFirst && !leaving.isEmpty)
    }

    /// How many instances may be missing at a moment.
    var unavailable: Int { rollout.unavailable(of: count, isStopFirst: isStopFirst) }

    /// How many places may be worked on together.
    var window: Int { isStopFirst ? max(1, min(parallel, unavailable)) : parallel }

    /// What is there and not in doubt.
    var carriers: [Item] {
        staying + leaving.filter { !$0.isDoubtful } + items.filter { $0.old != nil && !$0.isDoubtful }
    }

    /// What is there and in doubt.
    var doubtful: [Item] {
        leaving.filter(\.isDoubtful)
            + items.filter { $0.isRunning || $0.old != nil && $0.new != nil && $0.isDoubtful }
    }

    /// Whether the carriers are enough for all of the traffic.
    var isCarried: Bool {
        carriers.count >= (leavesAtOnce ? 1 : max(1, min(carriers.count + doubtful.count, count)))
    }

    /// Everything that is there has its equal share now, besides these.
    mutating func serveAll(but others: [Item]) {
        let names = Set(others.map(\.instance))
        isUneven = false
        for place in leaving.indices { leaving[place].isServing = !names.contains(leaving[place].instance) }
        for place in items.indices { items[place].isServing = !names.contains(items[place].instance) }
    }

    /// Takes over who may get traffic at another place than before.
    mutating func take(_ shares: [String: Int]?) {
        for place in leaving.indices {
            leaving[place].isServing = shares.map { $0[leaving[place].instance] != nil } ?? true
        }
        for place in items.indices { items[place].isServing = shares.map { $0[items[place].instance] != nil } ?? true }
        for place in unseen.indices {
            unseen[place].isServing = shares.map { $0[unseen[place].instance] ?? 0 > 0 } ?? true
        }
        isUneven = true
    }

    /// How many instances come before all others.
    var first: Int {
        guard hosts != nil, !isTrusted, hasOld else { return 0 }
        return (rollout.first ?? .count(1)).part(of: count)
    }

    /// Whether anything of another version is there.
    var hasOld: Bool { !leaving.isEmpty || items.contains { $0.old != nil } }
}
