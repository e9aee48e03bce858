import Model

/// Takes the values of secrets out of what a command said.
package struct Redactor: Sendable {
    private let patterns: [[UInt8]]
    private let starts: [Bool]

    /// Hides each value and each line of a value that has several (eight bytes or more); an empty one hides nothing.
    package init(_ secrets: some Sequence<Secret>) {
        var patterns: [[UInt8]] = []
        for secret in secrets {
            secret.withBytes { bytes in
                let lines = bytes.split(whereSeparator: { $0 == 10 || $0 == 13 }).map(Array.init)
                patterns += [bytes] + (lines.count > 1 ? lines.filter { $0.count >= 8 } : [])
            }
        }
        patterns.removeAll(where: \.isEmpty)
        var starts = [Bool](repeating: false, count: patterns.isEmpty ? 0 : 256)
        for pattern in patterns { starts[Int(pattern[0])] = true }
        self.patterns = patterns
        self.starts = starts
    }

    /// What stands in a secret's place.
    package static let marker = "(secret)"

    /// How many bytes the longest hidden value has.
    package var longest: Int { patterns.map(\.count).max() ?? 0 }

    /// The text with every secret replaced.
    package func redact(_ text: String) -> String {
        patterns.isEmpty ? text : String(decoding: redact(Array(text.utf8)), as: UTF8.self)
    }

    /// The bytes at `window` (all where nil) with every secret, and every part of one that reaches into the window, replaced.
    /// Where they do not end whole, an end that looks like the beginning of a secret is replaced too.
    package func redact(_ bytes: [UInt8], showing window: Range<Int>? = nil, endsWhole: Bool = true) -> [UInt8] {
        let window = (window ?? bytes.indices).clamped(to: bytes.indices)
        guard !patterns.isEmpty else { return Array(bytes[window]) }
        var shown: [UInt8] = []
        shown.reserveCapacity(window.count)
        var hiddenTo = 0
        var isHiding = false
        for index in 0..<window.upperBound {
            if starts[Int(bytes[index])] {
                hiddenTo = max(hiddenTo, index + hidden(in: bytes, at: index, endsWhole: endsWhole))
            }
            guard index >= window.lowerBound else { continue }
            if index >= hiddenTo {
                shown.append(bytes[index])
            } else if !isHiding {
                shown.append(contentsOf: Redactor.marker.utf8)
            }
            isHiding = index < hiddenTo
        }
        return shown
    }

    /// How many bytes from `index` on are a secret.
    private func hidden(in bytes: [UInt8], at index: Int, endsWhole: Bool) -> Int {
        let rest = bytes[index...]
        return patterns.map { pattern in
            if rest.starts(with: pattern) { return pattern.count }
            let isBeginning = !endsWhole && rest.count >= 4 && rest.count < pattern.count && pattern.starts(with: rest)
            return isBeginning ? rest.count : 0
        }.max() ?? 0
    }
}
