import Model

/// A whole new side comes up beside the old one and is asked before it gets any traffic; then everything is switched at
/// once, and the old side is kept for a while so that one shift takes everything back.
struct BlueGreen: Strategy {
    var watchesItself: Bool { true }

    func compile(_ work: WorkloadWork, after: [Int], into builder: inout StepBuilder) -> [Int] {
        var work = work
        let after = builder.open(&work, after: after)
        guard !work.items.isEmpty, !work.items.contains(where: { $0.old != nil }) else {
            return Rolling.turns(work, after: after, into: &builder)
        }
        var window = Window(size: work.window, after: after)
        for item in work.items { builder.turn(in: &window) { $0.bring(work, item, after: $1) } }
        var last = builder.previews(work, work.staying + work.items, after: window.last)
        let new = work.staying + work.items
        if !work.isTrusted, work.hasOld {
            if work.rollout.promotion == .manual {
                last = builder.approve(
                    work.workload, "", usual: "shall the new side of \(work.workload) get everything?", after: last)
            }
            if work.rollout.keepOld > .zero {
                last = builder.shift(work, new: new, old: work.leaving, weight: 100, after: last)
                last = builder.monitor(work, work.rollout.keepOld, new: new, old: work.leaving, after: last)
            }
        }
        last = builder.shift(work, new: new, old: [], weight: 100, leaving: work.leaving, after: last)
        return builder.stop(work, work.leaving, after: last)
    }
}
