import History
import Model

/// The workloads that scale themselves, as `status` and `why` show them.
enum ScaleText {
    /// `web has 4: cpu is 0.52 where 0.5 is wanted (3.0s ago)`.
    static func line(_ scale: ScaleRecord, now: Timestamp) -> String {
        let verb = scale.because == nil ? "has" : "shall have"
        return "\(VisibleText.line(scale.workload)) \(verb) \(scale.count): "
            + "\(VisibleText.line(scale.detail, limit: 2000)) (\(Words.distance(scale.at, from: now)))"
    }

    /// Numbers that were measured are written as strings, as the record's other values are.
    static func value(_ scale: ScaleRecord) -> Value {
        .map([
            "workload": .string(scale.workload), "count": .int(scale.count),
            "value": JSONText.optional(scale.value.map { "\($0)" }), "detail": .string(scale.detail),
            "at": .string(scale.at.iso8601), "because": JSONText.optional(scale.because),
        ])
    }
}
