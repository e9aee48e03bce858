/// Which of several sources an environment belongs to. Pure: the same looks always lead to the same owner.
///
/// It stays with the source it was recorded for until that one is seen without it. A new one belongs to the first source,
/// in the order of the configuration, that has it; so nothing is decided before those in front were looked at.
struct Ownership {
    private let count: Int
    /// Environments by the place of the source that they were last recorded for, where that is still configured.
    private var recorded: [String: Int]
    /// What each source has at its newest revision; nothing for one that never could be read.
    private var seen: [Int: Set<String>] = [:]
    private var looked: Set<Int> = []

    init(sources count: Int, recorded: [String: Int]) {
        self.count = count
        self.recorded = recorded
    }

    /// A source was looked at; nil where it could not be read, which says nothing of what it has.
    mutating func saw(_ environments: Set<String>?, in source: Int) {
        looked.insert(source)
        if let environments { seen[source] = environments }
    }

    /// Records that a source has an environment now.
    mutating func give(_ environment: String, to source: Int) { recorded[environment] = source }

    /// Forgets whose an environment was.
    mutating func forget(_ environment: String) { recorded[environment] = nil }

    /// The owner's place; nil where it depends on a source that was not looked at yet. One that no source has stays
    /// where it was, or goes to the first.
    func owner(of environment: String) -> Int? {
        let owner = recorded[environment]
        if let owner {
            guard looked.contains(owner) else { return nil }
            if seen[owner]?.contains(environment) ?? true { return owner }
        }
        for source in 0..<count {
            if seen[source]?.contains(environment) == true { return source }
            if !looked.contains(source) { return nil }
        }
        return owner ?? 0
    }
}
