/// A length of time in milliseconds, written as people write it: `500ms`, `30s`, `5m`, `1h30m`, `2d`.
package struct TimeSpan: Hashable, Comparable, Sendable {
    /// The length in milliseconds.
    package var milliseconds: Int64

    /// From milliseconds.
    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// From whole seconds.
    package static func seconds(_ seconds: Int64) -> TimeSpan { TimeSpan(milliseconds: seconds * 1000) }

    /// No time at all.
    package static let zero = TimeSpan(milliseconds: 0)

    /// The same length for the standard library's clocks.
    package var duration: Duration { .milliseconds(milliseconds) }

    /// Both, one after the other.
    package static func + (left: TimeSpan, right: TimeSpan) -> TimeSpan {
        TimeSpan(milliseconds: left.milliseconds + right.milliseconds)
    }

    /// What is left of the left one; negative if the right one is longer.
    package static func - (left: TimeSpan, right: TimeSpan) -> TimeSpan {
        TimeSpan(milliseconds: left.milliseconds - right.milliseconds)
    }

    /// Shorter comes first.
    package static func < (left: TimeSpan, right: TimeSpan) -> Bool { left.milliseconds < right.milliseconds }

    private static let longest: Int64 = 100 * 366 * 86_400_000

    private static let units: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// Reads numbers each followed by `d`, `h`, `m`, `s` or `ms`, largest unit first, and a plain `0`.
    /// Nil for anything else and for what is longer than a hundred years.
    package init?(_ text: String) {
        if text == "0" {
            self = .zero
            return
        }
        var rest = Substring(text)
        var total: Int64 = 0
        var next = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let number = Int64(digits), digits.count <= 12,
                let place = TimeSpan.units.firstIndex(where: { $0.name == unit }), place >= next
            else { return nil }
            next = place + 1
            let part = number.multipliedReportingOverflow(by: TimeSpan.units[place].milliseconds)
            guard !part.overflow, part.partialValue <= TimeSpan.longest - total else { return nil }
            total += part.partialValue
        }
        guard next > 0 else { return nil }
        milliseconds = total
    }
}

extension TimeSpan: CustomStringConvertible {
    /// The shortest exact form that `init(_:)` reads: `1h30m`, `0s`.
    package var description: String {
        if milliseconds < 0 { return "-" + TimeSpan(milliseconds: -milliseconds).description }
        var rest = milliseconds
        var text = ""
        for unit in TimeSpan.units where rest >= unit.milliseconds {
            text += String(rest / unit.milliseconds) + unit.name
            rest %= unit.milliseconds
        }
        return text.isEmpty ? "0s" : text
    }
}

extension TimeSpan: Codable {
    /// Reads milliseconds.
    package init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    /// Writes milliseconds.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }
}
