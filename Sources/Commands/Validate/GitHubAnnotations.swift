import Model

/// Workflow commands of GitHub Actions, a line each, which become annotations at their place in a pull request. See
/// "Workflow commands for GitHub Actions" in GitHub's documentation for the form and its escapes.
enum GitHubAnnotations {
    static func text(_ remarks: [Remark]) -> String { remarks.map(line).joined(separator: "\n") }

    private static func line(_ remark: Remark) -> String {
        let problem = remark.problem
        let place = "file=\(property(Checkout.path(of: problem.file))),line=\(problem.line),col=\(problem.column)"
        return "::\(command(remark.severity)) \(place),title=reconcile::\(data(problem.message))"
    }

    private static func command(_ severity: Remark.Severity) -> String {
        switch severity {
        case .error: "error"
        case .warning: "warning"
        case .note: "notice"
        }
    }

    /// What stands after `::`. A line break in hostile text would begin a command of its own.
    private static func data(_ text: String) -> String {
        escaped(VisibleText.block(text), ["%": "%25", "\r": "%0D", "\n": "%0A"])
    }

    /// What stands between commas.
    private static func property(_ text: String) -> String { escaped(data(text), [":": "%3A", ",": "%2C"]) }

    /// By code points: a character may be one of these with an accent on it.
    private static func escaped(_ text: String, _ table: [Unicode.Scalar: String]) -> String {
        text.unicodeScalars.map { table[$0] ?? String($0) }.joined()
    }
}
