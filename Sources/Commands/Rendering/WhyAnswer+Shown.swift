import History
import Model

extension WhyAnswer {
    /// How much of what the failing command said is shown.
    private static let tail = 20

    func text(_ style: Style, now: Timestamp) -> String {
        let state =
            isUnderWay && record.pause == nil
            ? style.yellow("under way") : outcome.map(style.outcome) ?? "new"
        let at = record.commit.map { " at commit \(VisibleText.line(String($0.prefix(10))))" } ?? ""
        var lines = ["\(style.bold(VisibleText.line(record.name))) is \(state)\(at)"]
        func add(_ label: String, _ texts: [String]) {
            for (index, text) in texts.enumerated() {
                let head = index == 0 ? label : ""
                lines.append("  " + head + String(repeating: " ", count: 14 - head.count) + text)
            }
        }
        add("why", [VisibleText.line(reason, limit: 2000)])
        if let since { add("since", ["\(Words.second(since)) (\(Words.distance(since, from: now)))"]) }
        add("scaling", scales.map { ScaleText.line($0, now: now) })
        add("what ends it", ends)
        add("next look", [next])
        if let last { add("record", ["`reconcile show \(last.record.id)` has all of it"]) }
        if let failure = last?.failedStep {
            let detail = failure.detail.map { ": " + VisibleText.line($0, limit: 2000) } ?? ""
            add("failing step", ["\(failure.id). \(VisibleText.line(failure.text))\(detail)"])
            if let output = output(of: failure) { add("it said", output) }
        }
        lines += record.problems.map(\.diagnostic)
        return lines.joined(separator: "\n") + "\n"
    }

    var json: Value {
        let failure = last?.failedStep
        return .map([
            "name": .string(record.name), "outcome": JSONText.optional(outcome?.rawValue), "reason": .string(reason),
            "since": JSONText.optional(since), "commit": JSONText.optional(record.commit),
            "reconcile": JSONText.optional(last?.record.id), "ends": .list(ends.map { .string($0) }),
            "next": .string(next), "next_pass_at": JSONText.optional(record.nextPassAt),
            "failed_step": failure.map { .map(RecordJSON.entries($0)) } ?? .null,
            "outputs": .list((last?.outputs ?? []).filter { $0.step == failure?.id }.map(RecordJSON.value)),
            "under_way": rollout.map(\.json) ?? .null,
            "scaling": .list(scales.map(ScaleText.value)),
            "gates": .list(record.gates.map(ReportJSON.value)),
            "problems": .list(record.problems.map(ReportJSON.value)),
        ])
    }

    /// The end of what the step's last command said.
    private func output(of step: StepRecord) -> [String]? {
        guard let last = last?.outputs.last(where: { $0.step == step.id }) else { return nil }
        var text = VisibleText.block(last.command.output)
        while text.hasSuffix("\n") { text.removeLast() }
        let head = "\(VisibleText.line(last.command.purpose)): \(VisibleText.line(last.command.status))"
        guard !text.isEmpty else { return [head + ", nothing else"] }
        return [head]
            + text.split(separator: "\n", omittingEmptySubsequences: false).suffix(WhyAnswer.tail).map { "| \($0)" }
    }
}
