/// Text from outside made fit to be shown: what a terminal, a log line or a page would act on is replaced.
package enum VisibleText {
    /// One line: every control character, line break, bidirectional override and other invisible is shown as `\u{…}`
    /// or, for a line break or tab, as a space; longer text is cut at `limit` characters with `…`.
    package static func line(_ text: String, limit: Int = 500) -> String { clean(text, limit: limit, lines: false) }

    /// Several lines: as `line`, but line breaks and tabs stay.
    package static func block(_ text: String, limit: Int = 65_536) -> String { clean(text, limit: limit, lines: true) }

    private static func clean(_ text: String, limit: Int, lines: Bool) -> String {
        var out = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            if count == limit {
                out.append("…")
                break
            }
            count += 1
            if scalar == "\n" || scalar == "\t" {
                out.append(lines ? scalar : " ")
            } else if isUnsafe(scalar) {
                out.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            } else {
                out.append(scalar)
            }
        }
        return String(out)
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB: true
        case 0xE0000...0xE007F: true
        default: false
        }
    }
}
