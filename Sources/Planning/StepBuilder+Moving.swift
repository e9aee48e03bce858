import Model

/// A workload whose requests are shared out at another place from now on. Whoever is stopped must be out of traffic
/// everywhere, so the strategy works where everything serves, and nowhere else does anything by then.
extension StepBuilder {
    /// Adds the strategy's steps, and before and after them those that bring the traffic home.
    mutating func carryOut(_ work: WorkloadWork, by strategy: any Strategy, after: [Int]) -> [Int] {
        guard !work.formers.isEmpty else { return strategy.compile(work, after: after, into: &self) }
        guard let current = work.current else { return settle(work, by: strategy, after: after) }
        var last = after
        for former in work.formers where BalancerPlace(of: former) != BalancerPlace(of: current) {
            last = farewell(work, former, after: last)
        }
        var away = work
        away.routing = current
        away.take(work.currentShares)
        if away.hasOld || !away.items.isEmpty { last = strategy.compile(away, after: last, into: &self) }
        var home = work
        home.unseen = away.unseen
        last = level(home, work.staying + work.items.map(\.done), after: last)
        return farewell(work, current, after: last)
    }

    /// The new place serves already: the others let go, and then all is as usual.
    private mutating func settle(_ work: WorkloadWork, by strategy: any Strategy, after: [Int]) -> [Int] {
        var work = work
        var last = after
        let serving = work.carriers + work.doubtful.filter(\.isServing)
        if work.isUneven {
            last = level(work, serving, after: last)
            work.serveAll(but: work.doubtful.filter { !$0.isServing })
        }
        for former in work.formers { last = farewell(work, former, after: last) }
        return strategy.compile(work, after: last, into: &self)
    }
}
