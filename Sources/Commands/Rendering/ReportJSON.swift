import Model

/// The JSON of a pass and of its parts: the contract's keys, none ever left out.
enum ReportJSON {
    static func value(_ report: PassReport) -> Value {
        .map([
            "commit": JSONText.optional(report.commit),
            "source": .map(["error": JSONText.optional(report.sourceError)]),
            "sources": .list(
                report.sources.map {
                    .map([
                        "name": JSONText.optional($0.name), "commit": JSONText.optional($0.commit),
                        "error": JSONText.optional($0.error), "transport": JSONText.optional($0.transport),
                    ])
                }),
            "environments": .list(report.environments.map(value)),
        ])
    }

    static func value(_ report: EnvironmentReport) -> Value {
        .map([
            "name": .string(report.name), "outcome": .string(report.outcome.rawValue),
            "reason": .string(report.reason), "reconcile": JSONText.optional(report.reconcile),
            "changes": .list(report.changes.map(value)), "steps": .list(report.steps.map { .map(entries($0)) }),
            "gates": .list(report.gates.map(value)), "problems": .list(report.problems.map(value)),
            "notes": .list(report.notes.map { .string($0) }),
            "files": .list(FileChange.grouped(report.files).map(\.json)),
        ])
    }

    static func value(_ change: Change) -> Value {
        .map([
            "workload": .string(change.workload), "action": .string(change.action.rawValue),
            "cause": .string(change.cause.rawValue), "because": JSONText.optional(change.because),
            "fields": .list(
                change.fields.map {
                    .map([
                        "path": .string($0.path), "from": JSONText.optional($0.from), "to": JSONText.optional($0.to),
                    ])
                }),
        ])
    }

    static func entries(_ step: Step) -> [String: Value] {
        [
            "id": .int(step.id), "kind": .string(step.kind.rawValue), "workload": JSONText.optional(step.workload),
            "instance": JSONText.optional(step.instance), "text": .string(step.text),
        ]
    }

    static func value(_ gate: Gate) -> Value {
        .map([
            "name": .string(gate.name), "state": .string(gate.state.rawValue), "reason": .string(gate.reason),
            "until": JSONText.optional(gate.until),
        ])
    }

    static func value(_ problem: Problem) -> Value {
        .map([
            "file": .string(problem.file), "line": .int(problem.line), "column": .int(problem.column),
            "message": .string(problem.message),
        ])
    }
}
