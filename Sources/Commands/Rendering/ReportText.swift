import Model

/// A pass for people: what differs, what is done about it, and one line for each environment.
struct ReportText {
    var style: Style
    var isQuiet = false
    /// Shows the steps of what was done, too; those of a dry run are always shown.
    var isVerbose = false

    /// One short line where everything is as git says; nothing at all if quiet.
    func text(_ report: PassReport) -> String {
        let quiet = report.environments.filter { isUneventful($0) }
        if quiet.count == report.environments.count, let commits = commits(report) {
            guard !isQuiet else { return "" }
            let count = Plural.count(quiet.count, "environment")
            return quiet.isEmpty
                ? "commit \(commits) has no environment: a folder with an environment.yaml is one\n"
                : "\(style.green("in-sync")): everything is as git says at \(commits) (\(count))\n"
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
        section("Files", FileChange.grouped(report.files).flatMap { fileLines($0) })
        if isVerbose || !isDone(report) {
            section("Steps", report.steps.map { "    \($0.id). \(VisibleText.line($0.text))" })
        }
        section("Gates", gates(report).map { "    " + ReportText.line($0) })
        section("Notes", report.notes.map { "    - " + VisibleText.line($0, limit: 2000) })
        lines += report.problems.map(\.diagnostic)
        if let id = report.reconcile, [.failed, .rolledBack].contains(report.outcome) {
            lines.append("  `reconcile show \(id)` has every step and what its commands said")
        }
        return lines.joined(separator: "\n")
    }

    func lines(_ change: Change) -> [String] {
        let cause = change.cause == .drift ? " (drift)" : ""
        let head = "  \(ReportText.symbol(change.action)) \(VisibleText.line(change.workload))"
        return [style.action(change.action, head) + " \(change.action.rawValue)\(cause)"]
            + change.fields.flatMap(lines)
            + (change.because.map { ["      " + VisibleText.line($0, limit: 2000)] } ?? [])
    }

    private func lines(_ field: Change.Field) -> [String] {
        guard let lines = LineDiff.lines(field) else { return ["      " + ReportText.line(field)] }
        return ["      " + VisibleText.line(field.path) + ":"]
            + lines.map { "        " + (style.mark($0.first)?($0) ?? $0) }
    }

    private func fileLines(_ change: FileChange) -> [String] {
        ["    " + change.head] + change.shownLines.map { "      " + (style.mark($0.first)?($0) ?? $0) }
    }

    private func summary(_ report: EnvironmentReport) -> String {
        let record = report.reconcile.map { " (reconcile \($0))" } ?? ""
        let head = style.bold(VisibleText.line(report.name)) + " " + style.outcome(report.outcome)
        let reason = VisibleText.line(report.reason, limit: 2000)
        // "waiting for staging" says it once, not "waiting: waiting for staging".
        let word = report.outcome.rawValue + " "
        if reason.hasPrefix(word) { return head + " " + reason.dropFirst(word.count) + record }
        return head + record + (reason.isEmpty ? "" : ": " + reason)
    }

    /// Whether the steps are behind us, and on record.
    private func isDone(_ report: EnvironmentReport) -> Bool {
        report.reconcile != nil && [.applied, .rolledBack, .failed, .superseded, .held].contains(report.outcome)
    }

    /// A gate that says only what the first line says is not shown again.
    private func gates(_ report: EnvironmentReport) -> [Gate] {
        report.gates.filter { $0.until != nil || $0.reason != report.reason }
    }

    private func isUneventful(_ report: EnvironmentReport) -> Bool {
        report.outcome == .inSync && report.problems.isEmpty && report.changes.isEmpty && !report.isRemarkable
    }

    /// The commit, or what each source is at; nil where nothing could be read.
    private func commits(_ report: PassReport) -> String? {
        let read = report.sources.compactMap { source in
            source.commit.map { ($0.prefix(10), source.name) }
        }
        guard !read.isEmpty else { return nil }
        if read.count > 5 { return "the newest commits of \(read.count) sources" }
        return read.map { commit, name in VisibleText.line((name.map { $0 + " " } ?? "") + commit) }
            .joined(separator: ", ")
    }

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
        let state = gate.reason.hasPrefix(gate.state.rawValue) ? "" : " " + gate.state.rawValue
        return "\(VisibleText.line(gate.name))\(state): \(VisibleText.line(gate.reason, limit: 2000))\(until)"
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
