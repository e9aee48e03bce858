/// Finds what waits for itself.
enum Cycles {
    /// One cycle for each group of names that wait for each other, each beginning with its first name in the alphabet;
    /// a name that waits for itself is a cycle of one.
    static func all(in edges: [String: [String]]) -> [[String]] {
        var done: Set<String> = []
        var found: [[String]] = []
        for start in edges.keys.sorted() where !done.contains(start) {
            var path: [String] = []
            var onPath: Set<String> = []
            var work: [(name: String, next: Int)] = [(start, 0)]
            while let top = work.last {
                if top.next == 0 {
                    path.append(top.name)
                    onPath.insert(top.name)
                }
                let targets = edges[top.name] ?? []
                if top.next < targets.count {
                    work[work.count - 1].next += 1
                    let target = targets[top.next]
                    if onPath.contains(target), let index = path.firstIndex(of: target) {
                        found.append(rotated(Array(path[index...])))
                    } else if !done.contains(target), edges[target] != nil {
                        work.append((target, 0))
                    }
                } else {
                    done.insert(top.name)
                    onPath.remove(top.name)
                    path.removeLast()
                    work.removeLast()
                }
            }
        }
        return found
    }

    private static func rotated(_ cycle: [String]) -> [String] {
        guard let least = cycle.min(), let index = cycle.firstIndex(of: least) else { return cycle }
        return Array(cycle[index...] + cycle[..<index])
    }
}
