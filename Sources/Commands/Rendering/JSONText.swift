import Model

/// JSON as it is printed: one line, keys sorted, and everything that a terminal would act on as an escape.
enum JSONText {
    static func of(_ value: Value) -> String {
        var text = String.UnicodeScalarView()
        for scalar in value.canonical.unicodeScalars {
            if VisibleText.line(String(scalar)) == String(scalar) {
                text.append(scalar)
            } else {
                // Such a character stands only inside strings, where an escape means the same.
                for unit in String(scalar).utf16 {
                    let hex = String(unit, radix: 16)
                    text.append(contentsOf: "\\u\(String(repeating: "0", count: 4 - hex.count))\(hex)".unicodeScalars)
                }
            }
        }
        return String(text) + "\n"
    }

    static func optional(_ text: String?) -> Value { text.map { .string($0) } ?? .null }

    static func optional(_ number: Int?) -> Value { number.map { .int($0) } ?? .null }

    static func optional(_ time: Timestamp?) -> Value { optional(time?.iso8601) }
}
