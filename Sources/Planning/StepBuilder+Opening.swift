import Model

extension StepBuilder {
    /// What comes before any strategy's own steps. Instances whose version is not known to be good (a canary that was
    /// superseded, a new version that failed) lose their traffic and go first, where others can carry it; where nobody
    /// has to go, unequal shares are made equal.
    mutating func open(_ work: inout WorkloadWork, after: [Int]) -> [Int] {
        let doubtful = work.doubtful
        let carriers = work.carriers
        if doubtful.isEmpty {
            guard work.isUneven, !carriers.isEmpty else { return after }
            work.serveAll(but: [])
            return level(work, carriers, after: after)
        }
        let leaving = work.leaving.filter(\.isDoubtful)
        let sound = work.leaving.filter { !$0.isDoubtful }
        guard work.isCarried else {
            work.leaving = leaving.filter { !$0.isServing } + leaving.filter(\.isServing) + sound
            return work.isUneven ? join(work, work.staying, after: after) : after
        }
        let isLevel = !work.isUneven && !doubtful.contains(where: \.isServing)
        let last = isLevel ? after : level(work, carriers, leaving: doubtful, after: after)
        work.leaving = sound
        work.serveAll(but: doubtful)
        return stop(work, leaving, after: last)
    }
}
