/// Kubernetes quantities: `500m`, `1.5`, `512Mi`.
enum Quantity {
    /// In billionths; nil where it is none, or out of bounds.
    static func billionths(_ text: String) -> Int? {
        let number = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        guard let factor = factors[String(text.dropFirst(number.count))], let whole = Int(number.prefix { $0 != "." })
        else {
            return nil
        }
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
    static func whole(_ text: String) -> Int? {
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
