import History
import Model

/// What is in the record, as Markdown.
enum RecordMarkdown {
    static func table(_ records: [ReconcileRecord]) -> String {
        var rows = [
            Markdown.row(["reconcile", "environment", "outcome", "trigger", "began", "commit", "subject", "reason"]),
            Markdown.row(Array(repeating: "---", count: 8)),
        ]
        for record in records {
            rows.append(
                Markdown.row([
                    String(record.id), Markdown.text(record.environment), record.outcome?.rawValue ?? "under way",
                    record.trigger.rawValue, record.startedAt.iso8601,
                    Markdown.text(String((record.commit ?? "").prefix(10))),
                    Markdown.text(record.subject), Markdown.text(record.reason),
                ]))
        }
        return rows.joined(separator: "\n") + "\n"
    }

    static func text(_ full: FullRecord) -> String {
        var blocks = [
            "### reconcile \(full.record.id): \(Markdown.text(full.record.environment)) \(full.record.outcome?.rawValue ?? "under way")"
        ]
        if !full.record.reason.isEmpty { blocks.append(Markdown.text(full.record.reason, limit: 2000)) }
        blocks.append(table([full.record]))
        blocks += ReportMarkdown.changes(full.changes)
        if !full.record.gates.isEmpty { blocks.append(ReportMarkdown.list(full.record.gates.map(ReportText.line))) }
        if !full.record.problems.isEmpty { blocks.append(ReportMarkdown.list(full.record.problems.map(\.diagnostic))) }
        if !full.steps.isEmpty {
            blocks.append(
                ReportMarkdown.details(
                    Plural.count(full.steps.count, "step"),
                    full.steps.map { "\($0.id). \($0.state.rawValue) \($0.text)" }))
        }
        if !full.measurements.isEmpty {
            blocks.append(
                ReportMarkdown.details(
                    Plural.count(full.measurements.count, "measurement"), MeasurementText.lines(full.measurements)))
        }
        for output in full.outputs {
            let title =
                "step \(output.step), \(Markdown.text(output.command.purpose)): \(Markdown.text(output.command.status))"
            blocks.append(
                "<details><summary>\(title)</summary>\n\n\(Markdown.fenced(output.command.output))\n\n</details>")
        }
        return blocks.joined(separator: "\n\n") + "\n"
    }
}
