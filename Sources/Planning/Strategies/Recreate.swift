import Model

/// Everything old is removed before anything new begins: two versions never run together.
struct Recreate: Strategy {
    func compile(_ work: WorkloadWork, after: [Int], into builder: inout StepBuilder) -> [Int] {
        let old = work.items.filter { $0.old != nil } + work.leaving
        guard !work.items.isEmpty else { return Rolling.turns(work, after: after, into: &builder) }
        let stopped = builder.dismiss(work, old, after: after)
        var starts = Window(size: work.parallel, after: stopped)
        for var item in work.items {
            item.old = nil
            builder.turn(in: &starts) { [item] in $0.bring(work, item, after: $1) }
        }
        let new = work.items.filter { $0.new != nil } + work.staying
        guard !new.isEmpty else { return starts.last }
        return builder.shift(work, new: new, old: [], weight: 100, after: starts.last)
    }
}
