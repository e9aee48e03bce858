import Model

extension StepBuilder {
    /// What comes before any strategy's own steps. Instances whose version is not known to be good (a canary that was
    /// superseded, a new version that failed) lose their traffic and go first, where others can carry it; where nobody
    /// has to go, unequal shares are made equal.
    mutating func open(_ work: inout WorkloadWork, after: [Int]) -> [Int] {
        let doubtful = work.leaving.filter(\.isDoubtful)
        let sound = work.leaving.filter { !$0.isDoubtful }
        let changed = work.items.filter { $0.old != nil && $0.new != nil && $0.isDoubtful }
        let carriers = work.staying + sound + work.items.filter { $0.old != nil && !$0.isDoubtful }
        if doubtful.isEmpty && changed.isEmpty {
            guard work.isUneven, !carriers.isEmpty else { return after }
            work.serveAll(but: [])
            return level(work, carriers, after: after)
        }
        let present = carriers.count + doubtful.count + changed.count
        let least = work.leavesAtOnce ? 1 : max(1, min(present, work.count))
        guard carriers.count >= least else {
            work.leaving = doubtful.filter { !$0.isServing } + doubtful.filter(\.isServing) + sound
            return work.isUneven ? join(work, work.staying, after: after) : after
        }
        let last = level(work, carriers, leaving: doubtful + changed, after: after)
        work.leaving = sound
        work.serveAll(but: Set(changed.map(\.instance)))
        return stop(work, doubtful, after: last)
    }
}

extension WorkloadWork {
    /// Everything that is there has its equal share now, besides these.
    fileprivate mutating func serveAll(but names: Set<String>) {
        isUneven = false
        for place in leaving.indices { leaving[place].isServing = true }
        for place in items.indices { items[place].isServing = !names.contains(items[place].instance) }
    }
}
