/// Turns shares into the whole numbers that balancers want.
package enum Weights {
    /// The smallest weights, `most` at most, that come nearest to the shares; a share above 0 never becomes a weight of 0.
    /// Equal shares have equal weights, so that what a side gets does not depend on which of its servers got the rest of
    /// a division.
    package static func fitting(_ shares: [Int], most: Int) -> [Int] {
        let largest = shares.max() ?? 0
        let total = shares.reduce(0, +)
        guard largest > 0, most > 0 else { return shares.map { _ in 0 } }
        let counts = shares.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }.sorted { $0.key < $1.key }
        var best = (error: Double.infinity, scale: 1)
        for scale in 1...most {
            let weights = counts.map { weight(of: $0.key, scale, largest) }
            let sum = zip(weights, counts).reduce(0) { $0 + $1.0 * $1.1.value }
            let error =
                zip(weights, counts).map { weight, count in
                    let wanted = Double(count.key * count.value) / Double(total)
                    return abs(Double(weight * count.value) / Double(sum) - wanted)
                }.max() ?? 0
            // Shares are rounded themselves: nothing below that is worth larger numbers.
            if error < best.error - 0.000_05 { best = (error, scale) }
        }
        return shares.map { weight(of: $0, best.scale, largest) }
    }

    private static func weight(of share: Int, _ scale: Int, _ largest: Int) -> Int {
        share <= 0 ? 0 : max(1, (2 * share * scale + largest) / (2 * largest))
    }

    /// What weights mean, in parts per 10,000.
    package static func shares(of weights: [Int]) -> [Int] {
        let total = weights.reduce(0, +)
        return weights.map { total > 0 ? (2 * $0 * 10_000 + total) / (2 * total) : 0 }
    }

    /// The places of a list in which each item stands as often as its weight says, as evenly spread as can be.
    package static func spread(_ weights: [Int]) -> [Int] {
        let total = weights.reduce(0, +)
        var credit = weights.map { _ in 0 }
        return (0..<total).map { _ in
            for index in weights.indices { credit[index] += weights[index] }
            let next = weights.indices.max { credit[$0] < credit[$1] || credit[$0] == credit[$1] && $0 > $1 } ?? 0
            credit[next] -= total
            return next
        }
    }
}
