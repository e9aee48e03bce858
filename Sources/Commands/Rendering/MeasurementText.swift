import History
import Model

/// What monitors measured, for people: a line a monitor, and the measurements that did not pass.
enum MeasurementText {
    /// How many measurements of a monitor that did not pass are shown.
    private static let shown = 10

    /// The lines for one step's or one reconcile's measurements.
    static func lines(_ records: [MeasurementRecord]) -> [String] {
        var order: [String] = []
        var groups: [String: [MeasurementRecord]] = [:]
        for record in records {
            let key = "\(record.step) \(record.measurement.monitor)"
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(record)
        }
        return order.flatMap { lines(of: groups[$0] ?? []) }
    }

    /// The verdict's word, and why where it did not pass.
    static func words(_ verdict: Verdict) -> (word: String, reason: String?) {
        switch verdict {
        case .pass: ("pass", nil)
        case .fail(let reason): ("fail", reason)
        case .inconclusive(let reason): ("inconclusive", reason)
        }
    }

    private static func lines(of records: [MeasurementRecord]) -> [String] {
        guard let first = records.first, let last = records.last else { return [] }
        let all = records.map(\.measurement)
        let counts = ["pass", "fail", "inconclusive"].compactMap { word in
            let count = all.count { words($0.verdict).word == word }
            return count > 0 ? "\(count) \(word)" : nil
        }
        var line =
            "  step \(first.step), \(VisibleText.line(first.measurement.monitor)): \(counts.joined(separator: ", "))"
        if let value = last.measurement.value { line += "; last \(NumberText.shown(value))" }
        if let baseline = last.measurement.baseline { line += " beside \(NumberText.shown(baseline))" }
        let bad = all.filter { $0.verdict != .pass }
        let more = bad.count > shown ? ["    … and \(bad.count - shown) before"] : []
        return [line] + more
            + bad.suffix(shown).map { measurement in
                let (word, reason) = words(measurement.verdict)
                return "    \(measurement.at.iso8601) \(word): \(VisibleText.line(reason ?? ""))"
            }
    }
}
