import History
import Model

/// The JSON of what is in the record.
enum RecordJSON {
    static func value(_ record: ReconcileRecord) -> Value { .map(entries(record)) }

    static func value(_ full: FullRecord) -> Value {
        var all = entries(full.record)
        all["changes"] = .list(full.changes.map(ReportJSON.value))
        all["steps"] = .list(full.steps.map { .map(entries($0)) })
        all["outputs"] = .list(full.outputs.map(value))
        all["measurements"] = .list(full.measurements.map(value))
        return .map(all)
    }

    static func entries(_ record: ReconcileRecord) -> [String: Value] {
        [
            "reconcile": .int(record.id), "environment": .string(record.environment),
            "commit": JSONText.optional(record.commit), "tag": JSONText.optional(record.tag),
            "trigger": .string(record.trigger.rawValue),
            "outcome": JSONText.optional(record.outcome?.rawValue), "reason": .string(record.reason),
            "author": .string(record.author), "subject": .string(record.subject),
            "started_at": .string(record.startedAt.iso8601), "finished_at": JSONText.optional(record.finishedAt),
            "gates": .list(record.gates.map(ReportJSON.value)),
            "problems": .list(record.problems.map(ReportJSON.value)),
            "notes": .list(record.notes.map { .string($0) }),
        ]
    }

    static func entries(_ step: StepRecord) -> [String: Value] {
        ReportJSON.entries(step.step).merging([
            "state": .string(step.state.rawValue), "started_at": JSONText.optional(step.startedAt),
            "finished_at": JSONText.optional(step.finishedAt), "detail": JSONText.optional(step.detail),
        ]) { $1 }
    }

    static func value(_ output: OutputRecord) -> Value {
        .map([
            "step": .int(output.step), "purpose": .string(output.command.purpose),
            "status": .string(output.command.status), "milliseconds": .int(Int(output.command.duration.milliseconds)),
            "output": .string(output.command.output), "at": .string(output.at.iso8601),
        ])
    }

    /// Numbers are written as strings, as the record's other values are.
    static func value(_ record: MeasurementRecord) -> Value {
        let measurement = record.measurement
        let (verdict, detail) = MeasurementText.words(measurement.verdict)
        return .map([
            "step": .int(record.step), "monitor": .string(measurement.monitor), "at": .string(measurement.at.iso8601),
            "value": JSONText.optional(measurement.value.map { "\($0)" }),
            "baseline": JSONText.optional(measurement.baseline.map { "\($0)" }),
            "verdict": .string(verdict), "detail": JSONText.optional(detail),
        ])
    }
}
