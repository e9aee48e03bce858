/// Kubernetes quantities: `500m`, `1.5`, `512Mi`.
package enum Quantity {
    /// What a quantity is of.
    package enum Kind: Hashable, Sendable {
        /// Processors: from a thousandth on.
        case processors
        /// Bytes: at least 64 KiB, and no thousandths.
        case bytes

        /// Whether a text is a quantity of that kind that an instance can be held to.
        package func holds(_ text: String) -> Bool {
            switch self {
            case .processors: (Quantity.billionths(text) ?? 0) >= 1_000_000
            // Thousandths of bytes mean nothing: who writes `512m` has megabytes in mind.
            case .bytes: !text.hasSuffix("m") && (Quantity.whole(text) ?? 0) >= 65_536
            }
        }

        /// What a value must be, for messages and for the reference.
        package var name: String {
            switch self {
            case .processors: "an amount of processors such as 500m or 2, and at least 1m"
            case .bytes: "an amount of bytes such as 512Mi or 1G, and at least 64Ki (`m` would be thousandths)"
            }
        }
    }

    /// In billionths; nil where it is none, or out of bounds.
    package static func billionths(_ text: String) -> Int? {
        let number = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        guard let factor = factors[String(text.dropFirst(number.count))], isDecimal(number),
            let whole = Int(number.prefix { $0 != "." })
        else { return nil }
        let fraction = number.drop { $0 != "." }.dropFirst().prefix(9)
        let padded = String(fraction) + String(repeating: "0", count: 9 - fraction.count)
        let (scaled, first) = whole.multipliedReportingOverflow(by: 1_000_000_000)
        let (value, second) = scaled.addingReportingOverflow(Int(padded) ?? 0)
        guard !first, !second else { return nil }
        switch factor {
        case .over(let divisor): return value / divisor
        case .times(let factor):
            let (result, third) = value.multipliedReportingOverflow(by: factor)
            return third ? nil : result
        }
    }

    /// In whole units, rounded down; nil where it is none, or out of bounds.
    package static func whole(_ text: String) -> Int? {
        let number = text.prefix { $0.isASCII && $0.isNumber }
        // Big numbers do not fit as billionths.
        if case .times(let factor)? = factors[String(text.dropFirst(number.count))], let value = Int(number) {
            let (result, overflow) = value.multipliedReportingOverflow(by: factor)
            return overflow ? nil : result
        }
        let decimal = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        guard let billionths = billionths(String(decimal)) else { return nil }
        switch factors[String(text.dropFirst(decimal.count))] {
        case .over(let divisor)?: return billionths / 1_000_000_000 / divisor
        case .times(let factor)?:
            let high = billionths.multipliedFullWidth(by: factor)
            guard high.high < 500_000_000 else { return nil }
            let (quotient, _) = 1_000_000_000.dividingFullWidth(high)
            return quotient
        case nil: return nil
        }
    }

    /// Digits, and at most one dot between them.
    private static func isDecimal(_ number: Substring) -> Bool {
        number.count { $0 == "." } <= 1 && number.first?.isNumber == true && number.last?.isNumber == true
    }

    private enum Factor {
        case times(Int)
        case over(Int)
    }

    private static let factors: [String: Factor] = [
        "": .times(1), "m": .over(1000), "k": .times(1000), "M": .times(1_000_000), "G": .times(1_000_000_000),
        "T": .times(1_000_000_000_000), "P": .times(1_000_000_000_000_000), "E": .times(1_000_000_000_000_000_000),
        "Ki": .times(1 << 10), "Mi": .times(1 << 20), "Gi": .times(1 << 30), "Ti": .times(1 << 40),
        "Pi": .times(1 << 50), "Ei": .times(1 << 60),
    ]
}
