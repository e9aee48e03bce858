import Model

/// Instance after instance, `max_parallel` at a time: the next begins when the one that many places before it is healthy.
struct Rolling: Strategy {
    func compile(_ work: WorkloadWork, after: [Int], into builder: inout StepBuilder) -> [Int] {
        var window = Window(size: work.parallel, after: after)
        for item in work.items {
            var last = window.next
            if let old = item.old, item.isReplaced || item.new == nil {
                last = [builder.stop(work, item, old, after: last)]
            }
            if let new = item.new {
                last = [builder.start(work, item, new, after: last)]
                last = builder.waitHealthy(work, item, new, after: last)
            }
            window.append(last)
        }
        return window.last
    }
}

/// Which steps the next of a row has to wait for when `size` may be under way together.
struct Window {
    private let size: Int
    private let first: [Int]
    private var ends: [[Int]] = []

    init(size: Int, after: [Int]) {
        self.size = size
        first = after
    }

    var next: [Int] { ends.count < size ? first : ends[ends.count - size] }

    /// The ends that nothing of the row waits for.
    var last: [Int] { ends.isEmpty ? first : ends.suffix(size).flatMap { $0 } }

    mutating func append(_ end: [Int]) { ends.append(end) }
}
