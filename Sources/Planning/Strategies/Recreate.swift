import Model

/// Everything old is removed before anything new begins: two versions never run together.
struct Recreate: Strategy {
    func compile(_ work: WorkloadWork, after: [Int], into builder: inout StepBuilder) -> [Int] {
        var stops = Window(size: work.parallel, after: after)
        for item in work.items {
            if let old = item.old { stops.append([builder.stop(work, item, old, after: stops.next)]) }
        }
        var starts = Window(size: work.parallel, after: stops.last)
        for item in work.items {
            guard let new = item.new else { continue }
            let start = builder.start(work, item, new, after: starts.next)
            starts.append(builder.waitHealthy(work, item, new, after: [start]))
        }
        return starts.last
    }
}
