/// Puts named things into an order in which each comes after what it depends on.
package enum Order {
    /// By dependency, then by name. Names that depend on each other in a circle come last, by name.
    package static func sorted(_ names: [String], dependencies: (String) -> [String]) -> [String] {
        let all = Set(names)
        var waiting: [String: Int] = [:]
        var dependants: [String: [String]] = [:]
        for name in names {
            let needs = Set(dependencies(name)).intersection(all)
            waiting[name] = needs.count
            for need in needs { dependants[need, default: []].append(name) }
        }
        var ready = names.filter { waiting[$0] == 0 }.sorted()
        var result: [String] = []
        while !ready.isEmpty {
            result += ready
            var next: [String] = []
            for name in ready {
                for dependant in dependants[name] ?? [] {
                    waiting[dependant, default: 0] -= 1
                    if waiting[dependant] == 0 { next.append(dependant) }
                }
            }
            ready = next.sorted()
        }
        return result + all.subtracting(result).sorted()
    }
}
