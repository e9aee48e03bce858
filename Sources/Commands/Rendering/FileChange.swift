import Model

/// A change of files that is the same in several places.
struct FileChange {
    var workload: String
    var path: String
    var remark: String?
    /// The hunks; nil where there are no lines to compare.
    var lines: [String]?
    var places: [String]
    var instances: [String]

    /// Equal differences together, in the order in which they were found.
    static func grouped(_ differences: [FileDifference]) -> [FileChange] {
        var changes: [FileChange] = []
        var known: [FileDifference: Int] = [:]
        for difference in differences {
            var key = difference
            (key.instance, key.place) = ("", "")
            if let index = known[key] {
                changes[index].places.append(difference.place)
                changes[index].instances.append(difference.instance)
                continue
            }
            known[key] = changes.count
            let (old, new) = (difference.old ?? [], difference.new ?? [])
            let hasLines = difference.old != nil || difference.new != nil
            let lines = hasLines ? UnifiedDiff.lines(old, new) : nil
            let tooLong = hasLines && lines == nil ? "\(old.count) -> \(new.count) lines, too many to compare" : nil
            let remarks = [difference.remark, tooLong].compactMap(\.self)
            changes.append(
                FileChange(
                    workload: difference.workload, path: difference.path,
                    remark: remarks.isEmpty ? nil : remarks.joined(separator: ", "), lines: lines,
                    places: [difference.place], instances: [difference.instance]))
        }
        return changes
    }

    /// `48 hosts: alpha, beta, gamma and 45 more`, or the only one's name.
    var location: String {
        let names = places.map { VisibleText.line($0) }
        guard names.count > 1 else { return names.first ?? "" }
        let rest = names.count > 5 ? " and \(names.count - 4) more" : ""
        return "\(names.count) hosts: \(names.prefix(rest.isEmpty ? 5 : 4).joined(separator: ", "))\(rest)"
    }

    /// The hunks as far as anybody reads them.
    var shownLines: [String] {
        guard let lines else { return [] }
        let rest = lines.count > LineDiff.shown ? ["… \(Plural.count(lines.count - LineDiff.shown, "more line"))"] : []
        return lines.prefix(LineDiff.shown) + rest
    }

    /// Where, what and, in a word, how.
    var head: String {
        let remark = remark.map { " (\(VisibleText.line($0)))" } ?? ""
        return "\(location): \(VisibleText.line(path))\(remark)"
    }

    var json: Value {
        .map([
            "workload": .string(workload), "path": .string(path), "remark": JSONText.optional(remark),
            "diff": JSONText.optional(lines.map { $0.joined(separator: "\n") }),
            "places": .list(places.map { .string($0) }), "instances": .list(instances.map { .string($0) }),
        ])
    }
}
