import Model

@testable import Commands

/// Text that tries everything a terminal, a table, a page or a chat would act on.
let hostile = "\u{1B}[31m</details><script>x</script> | `a` @team #1 https://x.y/ [l](javascript:x)\n\u{202E}--help"

enum Samples {
    static func change(
        _ action: Change.Action = .update, _ cause: Change.Cause = .commit, fields: [Change.Field]? = nil
    ) -> Change {
        Change(
            workload: "web", action: action, cause: cause,
            fields: fields ?? [.init(path: "shell.env.VERSION", from: "1", to: "2")])
    }

    static let step = Step(
        id: 1, kind: .waitHealthy, workload: "web", instance: "web-1", index: 1,
        act: .waitHealthy(Digest(ofText: "d"), minimum: .seconds(1), deadline: .seconds(2)), after: [],
        progressDeadline: nil, text: "wait for web-1")

    static func report(_ outcome: Outcome, name: String = "staging", reason: String = "because") -> EnvironmentReport {
        EnvironmentReport(name: name, outcome: outcome, reason: reason)
    }

    static let full = EnvironmentReport(
        name: "staging", outcome: .waiting, reason: "needs a person", reconcile: 17,
        changes: [
            change(.create, fields: [.init(path: "replicas", from: nil, to: "2")]), change(),
            change(.replace, fields: [.init(path: "driver", from: "ssh", to: "shell")]),
            change(.delete, .drift, fields: []),
        ],
        steps: [step], gates: [Gate(name: "approval", state: .waiting, reason: "needs 1 approval")],
        problems: [Problem(file: "staging/web.yaml", line: 4, column: 11, message: "unknown key")], notes: ["a note"])

    static let hostileReport = EnvironmentReport(
        name: hostile, outcome: .error, reason: hostile,
        changes: [
            Change(
                workload: hostile, action: .update, cause: .commit,
                fields: [.init(path: hostile, from: hostile, to: hostile)])
        ],
        steps: [
            Step(
                id: 1, kind: .start, workload: hostile, instance: hostile, index: 1, act: .start(Digest(ofText: "d")),
                after: [], progressDeadline: nil, text: hostile)
        ],
        gates: [Gate(name: hostile, state: .waiting, reason: hostile)],
        problems: [Problem(file: hostile, message: hostile)], notes: [hostile])

    static func pass(_ environments: [EnvironmentReport]) -> PassReport {
        PassReport(
            sources: [SourceReport(commit: String(repeating: "3fa9", count: 10), error: nil)],
            environments: environments)
    }

    /// Whether a text holds what a terminal would act on, line breaks aside.
    static func isClean(_ text: String) -> Bool {
        text.split(separator: "\n", omittingEmptySubsequences: false).allSatisfy {
            VisibleText.line(String($0), limit: .max) == $0
        }
    }
}
