import Model

/// Judges one monitor: a fold over its measurements, in the order in which they were made. Only measurements with data
/// count: those without neither fail nor pass, and do not end a row of failures.
package struct MonitorJudge: Sendable {
    /// So many measurements in a row without data are no accident any more.
    package static let patience = 3

    private let monitor: Monitor
    private var withData = 0
    private var failures = 0
    private var row = 0
    private var emptyRow = 0
    private var newest: Verdict?
    private var failure: String?

    /// Nothing was measured yet.
    package init(_ monitor: Monitor) { self.monitor = monitor }

    /// One more measurement. What failed stays failed.
    package mutating func add(_ measurement: Measurement) {
        newest = measurement.verdict
        switch measurement.verdict {
        case .inconclusive:
            emptyRow += 1
            return
        case .pass: row = 0
        case .fail:
            failures += 1
            row += 1
        }
        withData += 1
        emptyRow = 0
        guard failure == nil, case .fail(let reason) = measurement.verdict else { return }
        if let most = monitor.consecutive, row >= most {
            failure = sentence(reason, row == 1 ? nil : "\(row) failed measurements in a row")
        } else if let most = monitor.failures, failures >= most {
            failure = sentence(reason, failures == 1 ? nil : "\(failures) failed measurements of \(withData)")
        }
    }

    /// Whether it has all the measurements that it needs and is not to be asked any more.
    package var isDone: Bool { failure != nil || (monitor.count.map { withData >= $0 } ?? false) && newest == .pass }

    /// The judgement after so much of the time that the new side is watched. It passes at the end of that time, when the
    /// newest measurement passed and there are enough; it fails as soon as a limit is reached.
    package func judgement(elapsed: TimeSpan, of span: TimeSpan) -> Judgement {
        if let failure { return .fail(failure) }
        guard elapsed >= span else { return .going }
        if case .inconclusive(let reason) = newest, emptyRow >= Self.patience {
            return .inconclusive(sentence(reason, "no data in \(emptyRow) measurements"))
        }
        return newest == .pass && withData >= monitor.count ?? 1 ? .pass : .going
    }

    /// As it would be after these measurements.
    package static func judge(
        _ monitor: Monitor, _ measurements: [Measurement], elapsed: TimeSpan, of span: TimeSpan
    ) -> Judgement {
        var judge = MonitorJudge(monitor)
        for measurement in measurements { judge.add(measurement) }
        return judge.judgement(elapsed: elapsed, of: span)
    }

    private func sentence(_ reason: String, _ count: String?) -> String {
        "\(monitor.name): \(reason)" + (count.map { " (\($0))" } ?? "")
    }
}
