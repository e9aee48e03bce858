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
        return different.map { .init(path: "traffic.\($0)", from: shares[$0].map(percent), to: percent(wanted)) }
            + strangers.keys.sorted().map { .init(path: "traffic.\($0)", from: percent(shares[$0] ?? 0), to: nil) }
    }

    private static func percent(_ parts: Int) -> String {
        let rest = parts % 100
        return "\(parts / 100)" + (rest == 0 ? "" : rest < 10 ? ".0\(rest)" : ".\(rest)") + " %"
    }
}
