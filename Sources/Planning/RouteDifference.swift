import Model

/// Names where a balancer gives instances other than equal shares.
enum RouteDifference {
    /// One field for each instance that gets another share than it should, and for each stranger that gets any.
    static func fields(_ shares: [String: Int], members: [String]) -> [Change.Field] {
        let wanted = members.isEmpty ? 0 : 10_000 / members.count
        let strangers = shares.filter { $0.value > 0 && !members.contains($0.key) }
        let different = members.filter { name in
            guard let share = shares[name] else { return true }
            return abs(share - wanted) > max(2, wanted / 20)
        }
        return different.map {
            .init(path: "traffic.\($0)", from: shares[$0].map(Percent.text), to: Percent.text(wanted))
        }
            + strangers.keys.sorted().map { .init(path: "traffic.\($0)", from: Percent.text(shares[$0] ?? 0), to: nil) }
    }
}
