import History
import Model

/// How everything stands: what `status` shows.
struct StatusAnswer: Sendable {
    /// One environment, with how far its rollout is.
    struct Entry: Sendable {
        var record: EnvironmentRecord
        /// The open rollout; nil where there is none.
        var rollout: RolloutView?
        /// Whether the last pass could not go on with it.
        var isStuck = false
        /// The workloads that scale themselves.
        var scales: [ScaleRecord] = []
    }

    var holder: LockHolder?
    var entries: [Entry]
    var pendingRequests: Int

    static func read(_ store: Store, holder: LockHolder?) async throws(StoreError) -> StatusAnswer {
        var entries: [Entry] = []
        for record in try await store.environments() {
            var entry = Entry(record: record, rollout: nil)
            if let id = record.openReconcile {
                entry.isStuck = record.isStuck(since: try await store.reconcile(id)?.startedAt)
                entry.rollout = try await RolloutView.read(id, of: record.name, from: store)
            }
            entry.scales = try await store.scales(record.name)
            entries.append(entry)
        }
        return StatusAnswer(holder: holder, entries: entries, pendingRequests: try await store.pendingRequests().count)
    }

    func text(now: Timestamp) -> String {
        var rows = [head.map { $0.uppercased() }]
        for entry in entries {
            let record = entry.record
            rows.append(
                names(record).map { VisibleText.line($0) } + [
                    outcome(entry),
                    VisibleText.line(record.tag ?? String((record.commit ?? "-").prefix(10)), limit: 40),
                    record.lastPassAt.map { Words.distance($0, from: now) } ?? "-", reason(entry),
                ])
        }
        let loop =
            holder.map { "process \($0.pid) is at work: \(VisibleText.line($0.command))" } ?? "no loop is running"
        let requests = pendingRequests == 0 ? "" : "\(Plural.count(pendingRequests, "request")) not answered yet\n"
        let scales = scales(now: now).map { $0 + "\n" }.joined()
        return (entries.isEmpty ? "no environment is recorded yet\n" : Table.text(rows)) + scales + requests + loop
            + "\n"
    }

    var json: Value {
        .map([
            "loop": holder.map { .map(["process": .int(Int($0.pid)), "command": .string($0.command)]) } ?? .null,
            "requests": .int(pendingRequests),
            "environments": .list(entries.map(value)),
        ])
    }

    func markdown(now: Timestamp) -> String {
        var rows = [Markdown.row(head), Markdown.row(Array(repeating: "---", count: head.count))]
        for entry in entries {
            rows.append(
                Markdown.row(
                    names(entry.record).map { Markdown.text($0) } + [
                        outcome(entry),
                        Markdown.text(entry.record.tag ?? String((entry.record.commit ?? "").prefix(10))),
                        entry.record.lastPassAt?.iso8601 ?? "", Markdown.text(reason(entry)),
                    ]))
        }
        return rows.joined(separator: "\n") + "\n" + scales(now: now).map { "\n" + Markdown.text($0) + "\n" }.joined()
    }

    /// `staging/web has 4: cpu is 0.52 where 0.5 is wanted (3.0s ago)`.
    private func scales(now: Timestamp) -> [String] {
        entries.flatMap { entry in
            entry.scales.map { VisibleText.line(entry.record.name) + "/" + ScaleText.line($0, now: now) }
        }
    }

    /// Sources are named where there are several.
    private var hasSources: Bool { entries.contains { $0.record.source != nil } }

    private var head: [String] {
        ["environment"] + (hasSources ? ["source"] : []) + ["outcome", "commit", "last pass", "reason"]
    }

    private func names(_ record: EnvironmentRecord) -> [String] {
        [record.name] + (hasSources ? [record.source ?? "-"] : [])
    }

    private func outcome(_ entry: Entry) -> String {
        if entry.record.pause != nil { return Outcome.paused.rawValue }
        if let rollout = entry.rollout, !entry.isStuck {
            return entry.record.isWaiting(in: rollout) ? Outcome.waiting.rawValue : "under way"
        }
        return entry.record.outcome?.rawValue ?? "-"
    }

    private func reason(_ entry: Entry) -> String {
        if let pause = entry.record.pause { return VisibleText.line(pause.reason) }
        if let rollout = entry.rollout, !entry.isStuck {
            let head = "reconcile \(entry.record.openReconcile ?? 0): \(VisibleText.line(rollout.text, limit: 2000))"
            return entry.record.isWaiting(in: rollout) ? VisibleText.line(entry.record.reason) + "; " + head : head
        }
        return VisibleText.line(entry.record.reason)
    }

    private func value(_ entry: Entry) -> Value {
        let record = entry.record
        return .map([
            "name": .string(record.name), "source": JSONText.optional(record.source),
            "outcome": JSONText.optional(record.outcome?.rawValue),
            "reason": .string(record.reason), "commit": JSONText.optional(record.commit),
            "tag": JSONText.optional(record.tag),
            "reconcile": JSONText.optional(record.lastReconcile), "passes": .int(record.passes),
            "last_pass_at": JSONText.optional(record.lastPassAt), "next_pass_at": JSONText.optional(record.nextPassAt),
            "paused": JSONText.optional(record.pause?.reason), "held": JSONText.optional(record.hold?.reason),
            "under_way": entry.rollout.map(\.json) ?? .null,
            "scaling": .list(entry.scales.map(ScaleText.value)),
            "gates": .list(record.gates.map(ReportJSON.value)),
            "problems": .list(record.problems.map(ReportJSON.value)),
        ])
    }
}
