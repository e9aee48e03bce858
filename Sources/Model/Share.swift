/// A count, or a percentage of a whole: `max_parallel: 2`, `max_delete: 50%`.
package enum Share: Hashable, Sendable, Codable, CustomStringConvertible {
    case count(Int)
    case percent(Int)

    /// Reads `3` or `25%`; nil for negatives, for more than 100 % and for anything else.
    package init?(_ text: String) {
        if text.hasSuffix("%") {
            guard let percent = Int(text.dropLast()), (0...100).contains(percent) else { return nil }
            self = .percent(percent)
        } else {
            guard let count = Int(text), count >= 0 else { return nil }
            self = .count(count)
        }
    }

    /// How many of `whole` this allows to be worked on together: rounded down, and at least one.
    package func parallel(of whole: Int) -> Int {
        switch self {
        case .count(let count): max(1, count)
        case .percent(let percent): max(1, whole * percent / 100)
        }
    }

    /// How many of `whole` this is: rounded down, and never more than the whole.
    package func part(of whole: Int) -> Int {
        switch self {
        case .count(let count): min(count, whole)
        case .percent(let percent): whole * percent / 100
        }
    }

    /// How many of `whole` it takes to reach this: rounded up, and never more than the whole.
    package func reach(of whole: Int) -> Int {
        switch self {
        case .count(let count): min(count, whole)
        case .percent(let percent): (whole * percent + 99) / 100
        }
    }

    /// Whether `part` of `whole` is more than this.
    package func isExceeded(by part: Int, of whole: Int) -> Bool {
        switch self {
        case .count(let count): part > count
        case .percent(let percent): part * 100 > whole * percent
        }
    }

    /// As the manifest writes it.
    package var description: String {
        switch self {
        case .count(let count): String(count)
        case .percent(let percent): "\(percent)%"
        }
    }
}
