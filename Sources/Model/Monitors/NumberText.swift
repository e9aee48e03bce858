/// Measured numbers as people read and write them.
package enum NumberText {
    /// Reads a decimal number: digits, maybe a sign, a fraction, an exponent. Nil for anything else, `nan` and `inf` too.
    package static func read(_ text: some StringProtocol) -> Double? {
        guard text.utf8.count <= 40, text.utf8.contains(where: { (0x30...0x39).contains($0) }),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }),
            let number = Double(String(text)), number.isFinite
        else { return nil }
        return number
    }

    /// At most four digits after the point, none that say nothing; very small and very large ones with an exponent.
    package static func shown(_ number: Double) -> String {
        guard number.isFinite else { return number.isNaN ? "not a number" : "infinite" }
        let size = abs(number)
        if size >= 1e15 || (size > 0 && size < 0.0005) { return "\(number)" }
        let scaled = (number * 10_000).rounded()
        let (whole, rest) = (Int64(scaled) / 10_000, abs(Int64(scaled) % 10_000))
        let sign = scaled < 0 && whole == 0 ? "-" : ""
        guard rest > 0 else { return sign + String(whole) }
        var digits = String(rest)
        digits = String(repeating: "0", count: 4 - digits.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(sign)\(whole).\(digits)"
    }
}
