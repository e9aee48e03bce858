import Model

/// Makes one measurement of what the instances of both sides gave.
package enum Weighing {
    /// One answer, and whose it is; an empty name for a side that is asked as a whole.
    package struct Answer: Hashable, Sendable {
        /// The instance's name.
        package var instance: String
        /// What it gave.
        package var reading: Reading

        /// Both parts.
        package init(instance: String, reading: Reading) {
            self.instance = instance
            self.reading = reading
        }
    }

    /// Each instance of the new side must be within the limits: one that is not is a failure, whatever the others say. For
    /// the comparison the averages count. Where an answer is missing and nothing failed, there is no data.
    package static func measurement(
        _ monitor: Monitor, at: Timestamp, canary: [Answer], baseline: [Answer]
    ) -> Measurement {
        let (numbers, missing) = split(canary)
        let worst = numbers.max { monitor.limits.excess($0.number) < monitor.limits.excess($1.number) }
        var measurement = Measurement(monitor: monitor.name, at: at, value: worst?.number, verdict: .pass)
        if let limits = monitor.baseline, !baseline.isEmpty {
            let (old, missingOld) = split(baseline)
            measurement.value = average(numbers)
            measurement.baseline = average(old)
            if let reason = missing ?? missingOld {
                measurement.verdict = .inconclusive(reason)
            } else if let new = measurement.value, let old = measurement.baseline {
                if !limits.allows(new, beside: old) {
                    measurement.verdict = .fail(
                        "\(NumberText.shown(new)) beside the baseline's \(NumberText.shown(old)), allowed is "
                            + limits.words.joined(separator: ", "))
                }
            } else {
                measurement.verdict = .inconclusive("there is no instance to ask")
            }
        } else if let missing {
            measurement.verdict = .inconclusive(missing)
        } else if numbers.isEmpty {
            measurement.verdict = .inconclusive("there is no instance to ask")
        }
        if let worst, monitor.limits.excess(worst.number) > 0 {
            measurement.verdict = .fail(
                (worst.instance.isEmpty ? "" : worst.instance + ": ") + NumberText.shown(worst.number) + ", allowed is "
                    + monitor.limits.words.joined(separator: ", ") + (worst.note.map { ": " + $0 } ?? ""))
        }
        return measurement
    }

    private typealias Number = (instance: String, number: Double, note: String?)

    private static func split(_ answers: [Answer]) -> (numbers: [Number], missing: String?) {
        var numbers: [Number] = []
        var missing: String?
        for answer in answers {
            switch answer.reading {
            case .number(let number, let note) where number.isFinite: numbers.append((answer.instance, number, note))
            case .number(let number, _): missing = missing ?? "the answer is \(NumberText.shown(number))"
            case .none(let reason): missing = missing ?? reason
            }
        }
        return (numbers, missing)
    }

    private static func average(_ numbers: [Number]) -> Double? {
        numbers.isEmpty ? nil : numbers.reduce(0) { $0 + $1.number / Double(numbers.count) }
    }
}
