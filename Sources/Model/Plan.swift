/// The ordered steps for one environment at one revision.
package struct Plan: Hashable, Sendable, Codable {
    /// The environment's name.
    package var environment: String
    /// The input it brings the environment to.
    package var input: Digest
    /// The commit that input was read at.
    package var commit: String
    /// What differs, by workload.
    package var changes: [Change]
    /// What is done about it; ids count from 1, in the order in which they are shown.
    package var steps: [Step]
    /// What the steps' ids refer to.
    package var deployables: [Digest: Deployable]
    /// The instances of the workloads that are changed as they were before, by workload; nil for a repair, which is never
    /// rolled back, and where an older version made the plan.
    package var existing: [String: [Routing.Member]]?
    /// The `traffic` blocks that share requests out when it begins, by workload of those that are changed; nil where an older
    /// version made the plan.
    package var traffic: [String: Value]?
    /// What stands in the way.
    package var gates: [Gate]
    /// What is accepted and not acted on, and other things to know, a sentence each.
    package var notes: [String]
    /// Workloads that are left alone because something of them could not be seen, with the reason.
    package var untouched: [String: String]
    /// Instances that are out of reach while the others of their workload are acted on, with the reason; nil where an older
    /// version made the plan.
    package var unreachable: [String: String]?
    /// How many more instances of a workload may get out of reach before its rollout stops, by workload; none for those
    /// that are not named.
    package var losable: [String: Int]?

    /// All parts.
    package init(
        environment: String, input: Digest, commit: String, changes: [Change] = [], steps: [Step] = [],
        deployables: [Digest: Deployable] = [:], existing: [String: [Routing.Member]]? = nil,
        traffic: [String: Value]? = nil, gates: [Gate] = [], notes: [String] = [],
        untouched: [String: String] = [:], unreachable: [String: String]? = nil, losable: [String: Int]? = nil
    ) {
        self.environment = environment
        self.input = input
        self.commit = commit
        self.changes = changes
        self.steps = steps
        self.deployables = deployables
        self.existing = existing
        self.traffic = traffic
        self.gates = gates
        self.notes = notes
        self.untouched = untouched
        self.unreachable = unreachable
        self.losable = losable
    }

    /// Whether no change brings a new version: such a plan is never rolled back.
    package var isRepair: Bool { !changes.isEmpty && changes.allSatisfy(\.isRepair) }

    /// Whether anything is there that nobody asked for.
    package var hasDrift: Bool { changes.contains { $0.cause == .drift } }

    /// The time that its steps take even if nothing ever has to be waited for.
    package var leastTime: TimeSpan {
        var ends: [Int: Int64] = [:]
        // When the turns of each row end, the earliest first, and how many have begun.
        var rows: [Int: (ends: [Int64], begun: Int)] = [:]
        for step in steps {
            var start = step.after.map { ends[$0] ?? 0 }.max() ?? 0
            if let turn = step.begins {
                let row = rows[turn.row, default: ([], 0)]
                let before = row.begun - turn.together
                if row.ends.indices.contains(before) { start = max(start, row.ends[before]) }
                rows[turn.row] = (row.ends, row.begun + 1)
            }
            let end = start + step.leastTime.milliseconds
            ends[step.id] = end
            if let row = step.ends, let list = rows[row]?.ends {
                rows[row]?.ends.insert(end, at: list.lastIndex { $0 <= end }.map { $0 + 1 } ?? 0)
            }
        }
        return TimeSpan(milliseconds: ends.values.max() ?? 0)
    }

    /// What a person agrees to: equal for plans that do the same, and only for them.
    package var digest: Digest {
        Digest(
            of: .map([
                "environment": .string(environment), "input": .string(input.hex),
                "steps": .list(
                    steps.map {
                        .list([
                            .string($0.kind.rawValue), .string($0.workload ?? ""), .string($0.instance ?? ""),
                            .string($0.text),
                        ])
                    }), "deployables": .list(deployables.keys.map(\.hex).sorted().map { .string($0) }),
            ]))
    }
}
