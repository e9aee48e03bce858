import Model

/// A pass as a comment on a pull request.
enum ReportMarkdown {
    static func text(_ report: PassReport) -> String {
        var lines: [String] = []
        let read = report.sources.compactMap { source in
            source.commit.map { commit in
                (source.name.map { Markdown.text($0) + " " } ?? "")
                    + "`\(String(commit.prefix(10)).filter { $0.isHexDigit })`"
            }
        }
        if !read.isEmpty { lines.append("**reconcile** at " + read.joined(separator: ", ")) }
        if let error = report.sourceError {
            lines.append("**Something is wrong with the source**: \(Markdown.text(error, limit: 2000))")
        }
        if report.environments.isEmpty { lines.append("No environment.") }
        return (lines + report.environments.map(text)).joined(separator: "\n\n") + "\n"
    }

    static func text(_ report: EnvironmentReport) -> String {
        var blocks = ["### \(Markdown.text(report.name)): \(report.outcome.rawValue)"]
        if !report.reason.isEmpty { blocks.append(Markdown.text(report.reason, limit: 2000)) }
        blocks += changes(report.changes)
        for change in FileChange.grouped(report.files) {
            let fence =
                change.lines == nil
                ? "" : "\n\n" + Markdown.fenced(change.shownLines.joined(separator: "\n"), as: "diff")
            blocks.append(Markdown.text(change.head, limit: 2000) + fence)
        }
        if !report.problems.isEmpty { blocks.append(list(report.problems.map(\.diagnostic))) }
        if !report.gates.isEmpty { blocks.append(list(report.gates.map(ReportText.line))) }
        if !report.steps.isEmpty {
            let steps = report.steps.map { "\($0.id). \($0.text)" }
            blocks.append(details(Plural.count(steps.count, "step"), steps))
        }
        if !report.notes.isEmpty {
            blocks.append(details(Plural.count(report.notes.count, "note"), report.notes.map { "- \($0)" }))
        }
        return blocks.joined(separator: "\n\n")
    }

    static func changes(_ changes: [Change]) -> [String] {
        guard !changes.isEmpty else { return [] }
        var rows = [
            Markdown.row(["", "workload", "field", "from", "to"]), Markdown.row(["---", "---", "---", "---", "---"]),
        ]
        var blocks: [String] = []
        for change in changes {
            let head = "\(change.action.rawValue)\(change.cause == .drift ? " (drift)" : "")"
            let workload = Markdown.text(change.workload)
            if let because = change.because { blocks.append(Markdown.text(because, limit: 2000)) }
            if change.fields.isEmpty { rows.append(Markdown.row([head, workload, "", "", ""])) }
            for field in change.fields {
                let path = Markdown.text(field.path)
                if let lines = LineDiff.lines(field) {
                    rows.append(Markdown.row([head, workload, path, "below", "below"]))
                    blocks.append(
                        "\(workload) \(path):\n\n" + Markdown.fenced(lines.joined(separator: "\n"), as: "diff"))
                } else {
                    rows.append(
                        Markdown.row([
                            head, workload, path, Markdown.text(field.from ?? ""), Markdown.text(field.to ?? ""),
                        ]))
                }
            }
        }
        return [rows.joined(separator: "\n")] + blocks
    }

    static func list(_ items: [String]) -> String {
        items.map { "- " + Markdown.text($0, limit: 2000) }.joined(separator: "\n")
    }

    /// Lines that are shown on demand. They stand in a fence, where nothing is a mark.
    static func details(_ title: String, _ lines: [String]) -> String {
        let body = Markdown.fenced(lines.map { VisibleText.line($0, limit: 2000) }.joined(separator: "\n"))
        return "<details><summary>\(title)</summary>\n\n\(body)\n\n</details>"
    }
}
