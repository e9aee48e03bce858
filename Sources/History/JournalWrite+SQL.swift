import Model

extension JournalWrite {
    /// The statements that record this. Throws `StoreError` where a value cannot be written as JSON.
    func statements(_ deployables: StoredDeployables) throws(StoreError) -> [JournalStatement] {
        switch self {
        case .begin(let record, let changes, let steps, let rollout):
            var all = [try JournalWrite.insert(record)]
            all += JournalWrite.insert(changes, reconcile: record.id)
            all += try JournalWrite.insert(steps, reconcile: record.id)
            all.append(JournalWrite.insert(rollout: rollout, reconcile: record.id))
            return all
        case .addSteps(let reconcile, let steps):
            return try JournalWrite.insert(steps, reconcile: reconcile)
        case .rollout(let reconcile, let state):
            return [JournalWrite.insert(rollout: state, reconcile: reconcile)]
        case .step(let reconcile, let id, let state, let at, let detail):
            return [JournalWrite.update(reconcile, id, state, at, detail)]
        case .healthy(let reconcile, let id, let since):
            return [
                JournalStatement(
                    "UPDATE steps SET healthy_since = ? WHERE reconcile_id = ? AND id = ?",
                    [since?.iso8601, reconcile, id],
                    missing: "step \(id) of reconcile \(reconcile) is not in the record")
            ]
        case .output(let reconcile, let step, let command, let at):
            return [
                JournalStatement(
                    """
                    INSERT INTO outputs(reconcile_id, step_id, purpose, status, duration_ms, output, at)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                    [
                        reconcile, step, command.purpose.stored, command.status.stored, command.duration.milliseconds,
                        command.output.stored, at.iso8601,
                    ])
            ]
        case .measured(let reconcile, let step, let measurements):
            return measurements.flatMap { JournalWrite.insert($0, reconcile, step) }
        case .end(let reconcile, let outcome, let reason, let at):
            return [
                JournalStatement(
                    "UPDATE reconciles SET outcome = ?, reason = ?, finished_at = ? WHERE id = ?",
                    [outcome.rawValue, reason.stored, at.iso8601, reconcile],
                    missing: "reconcile \(reconcile) is not in the record"),
                // Of what was superseded the next rollout has to know, whatever is recorded in between.
                JournalStatement(
                    """
                    DELETE FROM rollouts WHERE reconcile_id < ?
                    AND EXISTS (SELECT 1 FROM rollouts WHERE reconcile_id = ? AND state <> '')
                    AND reconcile_id IN (SELECT id FROM reconciles WHERE environment =
                    (SELECT environment FROM reconciles WHERE id = ?))
                    """, [reconcile, reconcile, reconcile]),
                JournalStatement(
                    "DELETE FROM rollouts WHERE reconcile_id = ? AND ? <> ?",
                    [reconcile, outcome.rawValue, Outcome.superseded.rawValue]),
            ]
        case .settled(let environment):
            return [
                JournalStatement(
                    """
                    DELETE FROM rollouts WHERE reconcile_id IN
                    (SELECT id FROM reconciles WHERE environment = ? AND outcome = ?)
                    """, [environment.stored, Outcome.superseded.rawValue])
            ]
        case .finishRequest(let id, let succeeded, let result, let at):
            return [
                JournalStatement(
                    "UPDATE requests SET done_at = ?, succeeded = ?, result = ? WHERE id = ?",
                    [at.iso8601, succeeded, result.stored, id], missing: "request \(id) is not in the record")
            ]
        default: return try environmentStatements(deployables)
        }
    }

    private static func insert(_ record: ReconcileRecord) throws(StoreError) -> JournalStatement {
        JournalStatement(
            """
            INSERT INTO reconciles(id, environment, commit_id, "trigger", outcome, reason, author, started_at,
                finished_at, subject, input, problems, gates, notes, tag)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                record.id, record.environment.stored, record.commit?.stored, record.trigger.rawValue,
                record.outcome?.rawValue, record.reason.stored, record.author.stored, record.startedAt.iso8601,
                record.finishedAt?.iso8601, record.subject.stored, record.input?.hex.stored,
                try StoredJSON.text(record.problems), try StoredJSON.text(record.gates),
                try StoredJSON.text(record.notes), record.tag?.stored,
            ])
    }

    /// A row a field; one row with nulls for a change that has none.
    private static func insert(_ changes: [Change], reconcile: Int) -> [JournalStatement] {
        let rows = changes.flatMap { change in
            change.fields.isEmpty ? [(change, nil)] : change.fields.map { (change, Optional($0)) }
        }
        return rows.map { change, field in
            JournalStatement(
                """
                INSERT INTO changes(reconcile_id, workload, action, cause, path, from_value, to_value, because)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    reconcile, change.workload.stored, change.action.rawValue, change.cause.rawValue,
                    field?.path.stored, field?.from?.stored, field?.to?.stored, change.because?.stored,
                ])
        }
    }

    private static func insert(_ steps: [Step], reconcile: Int) throws(StoreError) -> [JournalStatement] {
        var all: [JournalStatement] = []
        all.reserveCapacity(steps.count)
        for step in steps {
            all.append(
                JournalStatement(
                    """
                    INSERT INTO steps(reconcile_id, id, kind, workload, instance, state, body)
                    VALUES (?, ?, ?, ?, ?, 'planned', ?)
                    """,
                    [
                        reconcile, step.id, step.kind.rawValue, step.workload?.stored, step.instance?.stored,
                        try StoredJSON.text(step),
                    ]))
        }
        return all
    }

    /// A row a side.
    private static func insert(_ measurement: Measurement, _ reconcile: Int, _ step: Int) -> [JournalStatement] {
        let sides = [("canary", measurement.value)] + (measurement.baseline.map { [("baseline", $0)] } ?? [])
        let (word, detail) = measurement.verdict.stored
        return sides.map { side, value in
            JournalStatement(
                """
                INSERT INTO measurements(reconcile_id, step_id, monitor, at, side, value, verdict, detail)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    reconcile, step, measurement.monitor.stored, measurement.at.iso8601, side, value, word,
                    side == "canary" ? detail?.stored : nil,
                ])
        }
    }

    private static func insert(rollout: String, reconcile: Int) -> JournalStatement {
        JournalStatement(
            """
            INSERT INTO rollouts(reconcile_id, state) VALUES (?, ?)
            ON CONFLICT(reconcile_id) DO UPDATE SET state = excluded.state
            """, [reconcile, rollout.stored])
    }

    private static func update(
        _ reconcile: Int, _ id: Int, _ state: Step.State, _ at: Timestamp, _ detail: String?
    ) -> JournalStatement {
        let (times, values): (String, [String]) =
            switch state {
            case .planned: ("started_at = NULL, finished_at = NULL", [])
            case .running: ("started_at = coalesce(started_at, ?), finished_at = NULL", [at.iso8601])
            case .done, .failed, .skipped: ("finished_at = ?", [at.iso8601])
            }
        return JournalStatement(
            "UPDATE steps SET \(times), state = ?, detail = coalesce(?, detail) WHERE reconcile_id = ? AND id = ?",
            values + [state.rawValue, detail?.stored, reconcile, id],
            missing: "step \(id) of reconcile \(reconcile) is not in the record")
    }
}
