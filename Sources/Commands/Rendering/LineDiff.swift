import Model

/// Two values line by line, for those that would not read well on one: `+` what comes, `-` what goes, and the lines around.
enum LineDiff {
    /// Up to this many characters, two values stand side by side.
    private static let width = 100
    /// Equal lines that are shown before and after one that differs.
    static let context = 3
    /// Longer values, in lines, are only counted: to compare them would take longer than anybody reads.
    static let longest = 2000
    /// How many lines of one value are shown.
    static let shown = 100

    enum Line {
        case same(String), gone(String), new(String)

        var text: String {
            switch self {
            case .same(let text): "  " + text
            case .gone(let text): "- " + text
            case .new(let text): "+ " + text
            }
        }

        var isSame: Bool { if case .same = self { true } else { false } }
    }

    /// The lines of the difference, cleaned, each with its mark; nil where the field reads well on one line.
    static func lines(_ field: Change.Field) -> [String]? {
        let values = [field.from, field.to].compactMap { $0 }
        guard values.contains(where: { $0.contains("\n") }) || values.reduce(0, { $0 + $1.count }) > width else {
            return nil
        }
        let (old, new) = (split(field.from), split(field.to))
        guard max(old.count, new.count) <= longest else {
            return ["\(Plural.count(old.count, "line")) -> \(Plural.count(new.count, "line"))"]
        }
        let all = shortened(merged(old, new))
        let rest = all.count > shown ? ["… \(Plural.count(all.count - shown, "more line"))"] : []
        return all.prefix(shown) + rest
    }

    /// Lines as they are, so that what looks the same and is not differs; a last line break begins no line of its own.
    private static func split(_ value: String?) -> [String] {
        guard let value else { return [] }
        var lines = value.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map(String.init)
    }

    static func merged(_ old: [String], _ new: [String]) -> [Line] {
        var gone: Set<Int> = []
        var came: Set<Int> = []
        for change in new.difference(from: old) {
            switch change {
            case .remove(let offset, _, _): gone.insert(offset)
            case .insert(let offset, _, _): came.insert(offset)
            }
        }
        var lines: [Line] = []
        var (left, right) = (0, 0)
        while left < old.count || right < new.count {
            if left < old.count, gone.contains(left) {
                lines.append(.gone(old[left]))
                left += 1
            } else if right < new.count, came.contains(right) {
                lines.append(.new(new[right]))
                right += 1
            } else {
                lines.append(.same(right < new.count ? new[right] : ""))
                left += 1
                right += 1
            }
        }
        return lines
    }

    /// Long stretches of equal lines become one line that counts them.
    private static func shortened(_ lines: [Line]) -> [String] {
        let changed = lines.indices.filter { !lines[$0].isSame }
        var near: Set<Int> = []
        for index in changed { near.formUnion(max(0, index - context)...min(lines.count - 1, index + context)) }
        var out: [String] = []
        var hidden = 0
        func close() {
            if hidden > 0 { out.append("  … \(Plural.count(hidden, "line")) as before") }
            hidden = 0
        }
        for index in lines.indices {
            guard near.contains(index) else {
                hidden += 1
                continue
            }
            close()
            out.append(VisibleText.line(lines[index].text, limit: 1000))
        }
        close()
        return out
    }
}
