import Model

/// Two texts as `diff -u` shows them.
enum UnifiedDiff {
    /// The hunks; nil where the texts are too long to be compared while somebody waits. Lines are cleaned.
    static func lines(_ old: [String], _ new: [String]) -> [String]? {
        guard max(old.count, new.count) <= LineDiff.longest else { return nil }
        let all = LineDiff.merged(old, new)
        let changed = all.indices.filter { !all[$0].isSame }
        var hunks: [Range<Int>] = []
        for index in changed {
            let range = max(0, index - LineDiff.context)..<min(all.count, index + LineDiff.context + 1)
            if let last = hunks.last, last.upperBound >= range.lowerBound {
                hunks[hunks.count - 1] = last.lowerBound..<range.upperBound
            } else {
                hunks.append(range)
            }
        }
        var out: [String] = []
        var (left, right, next) = (0, 0, 0)
        for hunk in hunks {
            while next < hunk.lowerBound { step(all[next], &left, &right); next += 1 }
            let (first, second) = (left, right)
            var body: [String] = []
            while next < hunk.upperBound {
                step(all[next], &left, &right)
                body.append(text(all[next]))
                next += 1
            }
            out.append("@@ -\(range(first, left - first)) +\(range(second, right - second)) @@")
            out += body
        }
        return out
    }

    private static func step(_ line: LineDiff.Line, _ left: inout Int, _ right: inout Int) {
        switch line {
        case .same: (left, right) = (left + 1, right + 1)
        case .gone: left += 1
        case .new: right += 1
        }
    }

    private static func text(_ line: LineDiff.Line) -> String {
        switch line {
        case .same(let text): " " + VisibleText.line(text, limit: 1000)
        case .gone(let text): "-" + VisibleText.line(text, limit: 1000)
        case .new(let text): "+" + VisibleText.line(text, limit: 1000)
        }
    }

    /// As `diff` counts: from 1, and from 0 where there is nothing.
    private static func range(_ start: Int, _ count: Int) -> String {
        count == 1 ? "\(start + 1)" : "\(count == 0 ? start : start + 1),\(count)"
    }
}
