import Model

/// A pass for people: what differs, what is done about it, and one line for each environment.
struct ReportText {
    var style: Style
    var isQuiet = false

    /// One short line where everything is as git says; nothing at all if quiet.
    func text(_ report: PassReport) -> String {
        let quiet = report.environments.filter { isUneventful($0) }
        if quiet.count == report.environments.count, let commit = report.commit {
            guard !isQuiet else { return "" }
            let count = Words.count(quiet.count, "environment")
            return quiet.isEmpty
                ? "commit \(shortened(commit)) has no environment: a folder with an environment.yaml is one\n"
                : "\(style.green("in-sync")): everything is as git says at \(shortened(commit)) (\(count))\n"
        }
        var blocks: [String] = []
        for environment in report.environments where !isQuiet || !isUneventful(environment) {
            blocks.append(isQuiet ? summary(environment) : text(environment))
        }
        return blocks.isEmpty ? "" : blocks.joined(separator: "\n") + "\n"
    }

    func text(_ report: EnvironmentReport) -> String {
        var lines = [summary(report)] + report.changes.flatMap(lines)
        func section(_ title: String, _ items: [String]) {
            guard !items.isEmpty else { return }
            lines.append("  " + style.bold(title))
            lines += items
        }
        section("Steps", report.steps.map { "    \($0.id). \(VisibleText.line($0.text))" })
        section("Gates", report.gates.map { "    " + ReportText.line($0) })
        section("Notes", report.notes.map { "    - " + VisibleText.line($0, limit: 2000) })
        lines += report.problems.map(\.diagnostic)
        return lines.joined(separator: "\n")
    }

    func lines(_ change: Change) -> [String] {
        let cause = change.cause == .drift ? " (drift)" : ""
        let head = "  \(ReportText.symbol(change.action)) \(VisibleText.line(change.workload))"
        return [style.action(change.action, head) + " \(change.action.rawValue)\(cause)"]
            + change.fields.map { "      " + ReportText.line($0) }
    }

    private func summary(_ report: EnvironmentReport) -> String {
        let record = report.reconcile.map { " (reconcile \($0))" } ?? ""
        let reason = report.reason.isEmpty ? "" : ": " + VisibleText.line(report.reason, limit: 2000)
        return style.bold(VisibleText.line(report.name)) + " " + style.outcome(report.outcome) + record + reason
    }

    private func isUneventful(_ report: EnvironmentReport) -> Bool {
        report.outcome == .inSync && report.problems.isEmpty && report.changes.isEmpty
    }

    private func shortened(_ commit: String) -> String { VisibleText.line(String(commit.prefix(10))) }

    static func line(_ field: Change.Field) -> String {
        let path = VisibleText.line(field.path)
        let (from, to) = (field.from.map(shown), field.to.map(shown))
        switch (from, to) {
        case (let from?, let to?): return "\(path): \(from) -> \(to)"
        case (nil, let to?): return "\(path): \(to)"
        case (let from?, nil): return "\(path): \(from) -> (nothing)"
        case (nil, nil): return path
        }
    }

    static func line(_ gate: Gate) -> String {
        let until = gate.until.map { " (until \(Words.second($0)))" } ?? ""
        return
            "\(gate.state.rawValue) \(VisibleText.line(gate.name)): \(VisibleText.line(gate.reason, limit: 2000))\(until)"
    }

    static func symbol(_ action: Change.Action) -> String {
        switch action {
        case .create: "+"
        case .update: "~"
        case .replace: "-/+"
        case .delete: "-"
        }
    }

    private static func shown(_ value: String) -> String { value.isEmpty ? "\"\"" : VisibleText.line(value) }
}
