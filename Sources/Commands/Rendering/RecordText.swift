import History
import Model

/// What is in the record, for people.
struct RecordText {
    var style: Style
    var now: Timestamp

    /// One reconcile as `git log` shows a commit.
    func entry(_ record: ReconcileRecord) -> String {
        var lines = [head(record)]
        func add(_ label: String, _ text: String?) {
            guard let text, !text.isEmpty else { return }
            lines.append(label + String(repeating: " ", count: 9 - label.count) + VisibleText.line(text, limit: 2000))
        }
        add("Commit:", record.commit)
        add("Tag:", record.tag)
        add("Author:", record.author)
        add("Date:", date(record))
        add("Reason:", record.reason)
        if !record.subject.isEmpty { lines += ["", "    " + VisibleText.line(record.subject)] }
        return lines.joined(separator: "\n") + "\n"
    }

    private func head(_ record: ReconcileRecord) -> String {
        let outcome = record.outcome.map(style.outcome) ?? style.yellow("under way")
        return style.bold("reconcile \(record.id)")
            + "  \(VisibleText.line(record.environment))  \(outcome)  (\(record.trigger.rawValue))"
    }

    private func date(_ record: ReconcileRecord) -> String {
        let began = Words.second(record.startedAt)
        guard let end = record.finishedAt else { return "\(began), for \(Words.length(now - record.startedAt)) now" }
        return "\(began), took \(Words.length(end - record.startedAt)), ended \(Words.distance(end, from: now))"
    }

    /// Everything about one reconcile.
    func all(_ full: FullRecord) -> String {
        var lines = [entry(full.record)]
        func section(_ title: String, _ items: [String]) {
            if !items.isEmpty { lines += [style.bold(title)] + items + [""] }
        }
        section("Changes", full.changes.flatMap(ReportText(style: style).lines))
        section("Steps", full.steps.map(line))
        section("Measurements", MeasurementText.lines(full.measurements))
        section("Gates", full.record.gates.map { "  " + ReportText.line($0) })
        section("Notes", full.record.notes.map { "  - " + VisibleText.line($0, limit: 2000) })
        section("Problems", full.record.problems.map(\.diagnostic))
        for output in full.outputs { section(title(output), [body(output)]) }
        return lines.joined(separator: "\n")
    }

    private func line(_ step: StepRecord) -> String {
        var text = "  \(step.id). \(step.state.rawValue)  \(VisibleText.line(step.text))"
        if let began = step.startedAt {
            text += "  (\(Words.length((step.finishedAt ?? now) - began)))"
        }
        if let detail = step.detail, !detail.isEmpty { text += "\n       " + VisibleText.line(detail, limit: 2000) }
        return step.state == .failed ? style.red(text) : text
    }

    func title(_ output: OutputRecord) -> String {
        "Step \(output.step), \(VisibleText.line(output.command.purpose)): \(VisibleText.line(output.command.status)), "
            + Words.length(output.command.duration)
    }

    private func body(_ output: OutputRecord) -> String {
        var text = VisibleText.block(output.command.output)
        while text.hasSuffix("\n") { text.removeLast() }
        return text.isEmpty ? "  (it said nothing)" : Words.indented(text, by: "  | ")
    }
}
