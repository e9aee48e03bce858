import Model

/// Place after place, `max_parallel` at a time: the next begins when any of them is done. A new
/// instance comes before an old one goes, where they can run beside each other and nothing else was asked for.
struct Rolling: Strategy {
    func compile(_ work: WorkloadWork, after: [Int], into builder: inout StepBuilder) -> [Int] {
        var work = work
        let after = builder.open(&work, after: after)
        return Rolling.turns(work, after: after, into: &builder)
    }

    /// The same for work that was opened.
    static func turns(_ work: WorkloadWork, after: [Int], into builder: inout StepBuilder) -> [Int] {
        guard !work.items.isEmpty else { return settle(work, after: after, into: &builder) }
        var window = Window(size: work.window, after: after)
        var rest = work.leaving[...]
        for (place, item) in work.items.enumerated() {
            // Who serves already makes no room for another to go.
            let old = item.there != nil && item.isServing ? nil : rest.popFirst()
            var item = item
            item.isFirst = place < work.first
            if place > 0, place == work.first || work.hosts?.divides(work.items[place - 1], item) ?? false {
                window.close()
            }
            builder.turn(in: &window) { change(item, old, of: work, after: $1, into: &$0) }
        }
        let new = work.staying + work.items.filter { $0.new != nil }
        guard work.isUneven, !new.isEmpty else { return builder.dismiss(work, Array(rest), after: window.last) }
        let last = builder.shift(work, new: new, old: [], weight: 100, leaving: Array(rest), after: window.last)
        return builder.stop(work, Array(rest), after: last)
    }

    private static func settle(_ work: WorkloadWork, after: [Int], into builder: inout StepBuilder) -> [Int] {
        guard !work.staying.isEmpty else { return builder.dismiss(work, work.leaving, after: after) }
        guard !work.leaving.isEmpty || work.isUneven else { return after }
        let last = builder.level(work, work.staying, leaving: work.leaving, after: after)
        return builder.stop(work, work.leaving, after: last)
    }

    private static func change(
        _ item: WorkloadWork.Item, _ other: WorkloadWork.Item?, of work: WorkloadWork, after: [Int],
        into builder: inout StepBuilder
    ) -> [Int] {
        let isStopFirst = work.rollout.order == .stopFirst && !item.isRunning
        let leaving = [isStopFirst ? other : nil, item.isRunning ? nil : item].compactMap { $0 }
        var last = builder.leave(work, leaving, after: after)
        if isStopFirst, let other { last = builder.stop(work, [other], after: last) }
        last = builder.bring(work, item, after: last)
        let hasItsShare = item.isRunning && item.isServing && !work.isUneven
        if !hasItsShare { last = builder.join(work, [item], after: last) }
        if !isStopFirst, let other { last = builder.dismiss(work, [other], after: last) }
        return last
    }
}

extension StepBuilder {
    /// Takes away what cannot be updated in place, brings what is wanted where it is not there, and waits until that is healthy.
    mutating func bring(_ work: WorkloadWork, _ item: WorkloadWork.Item, after: [Int]) -> [Int] {
        var last = after
        if let old = item.old, item.isReplaced || item.new == nil { last = [stop(work, item, old, after: last)] }
        guard let new = item.new else { return last }
        if !item.isRunning { last = [start(work, item, new, after: last)] }
        return waitHealthy(work, item, new, after: last)
    }
}
