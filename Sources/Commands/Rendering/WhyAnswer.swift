import History
import Model

/// Why an environment is as it is, and what would change that.
struct WhyAnswer: Sendable {
    var record: EnvironmentRecord
    /// The newest reconcile, where there is one.
    var last: FullRecord?
    /// The open rollout, where there is one.
    var rollout: RolloutView?
    var holder: LockHolder?
    /// The workloads that scale themselves.
    var scales: [ScaleRecord] = []

    /// Nil where the environment is not known.
    static func read(_ name: String, from store: Store, holder: LockHolder?) async throws(StoreError) -> WhyAnswer? {
        guard let record = try await store.environment(name) else { return nil }
        var last: FullRecord?
        if let id = record.openReconcile ?? record.lastReconcile { last = try await FullRecord.read(id, from: store) }
        var rollout: RolloutView?
        if let id = record.openReconcile {
            rollout = try await RolloutView.read(id, of: name, steps: last?.steps, from: store)
        }
        return WhyAnswer(
            record: record, last: last, rollout: rollout, holder: holder, scales: try await store.scales(name))
    }

    /// How it stands now; nil before the first pass.
    var outcome: Outcome? { record.pause == nil ? record.outcome : .paused }

    /// Whether a rollout goes on by itself.
    var isUnderWay: Bool {
        record.openReconcile != nil && !record.isStuck(since: last?.record.startedAt) && !isWaiting
    }

    /// Whether its rollout waits for a person or for data.
    private var isWaiting: Bool { rollout.map { record.isWaiting(in: $0) } ?? false }

    var reason: String {
        if let pause = record.pause { return pause.reason }
        if isUnderWay { return "a rollout is under way" + (rollout.map { ": " + $0.text } ?? "") }
        if let hold = record.hold { return record.reason.isEmpty ? hold.reason : record.reason }
        return record.reason.isEmpty ? "the first pass has not ended yet" : record.reason
    }

    var since: Timestamp? {
        record.pause?.since ?? (record.openReconcile == nil ? record.hold?.since : nil) ?? last?.record.startedAt
            ?? record.lastPassAt
    }

    /// What would end it, a sentence each: what a person can type or do.
    var ends: [String] {
        let name = VisibleText.line(record.name)
        if record.pause != nil { return ["`reconcile resume \(name)` goes on"] }
        if let rollout, !rollout.asking.isEmpty {
            let which = name + (rollout.plan.map { " --plan " + $0.short } ?? "")
            return [
                "`reconcile approve \(which)` goes on, `reconcile reject \(which)` takes it back; a newer commit takes over"
            ]
        }
        if isWaiting { return ["the next pass asks again by itself; `reconcile abort \(name)` makes it a failure now"] }
        if record.openReconcile != nil && !isUnderWay {
            return ["the next pass looks again by itself; a commit that changes \(name) takes over"]
        }
        if isUnderWay {
            return ["its end, or a newer commit; `reconcile abort \(name)` makes it a failure now"]
                + (holder == nil ? ["no process works on it: the next `reconcile` goes on"] : [])
        }
        if let hold = record.hold { return [WhyAnswer.end(of: hold, name)] }
        switch record.outcome {
        case nil: return ["`reconcile` makes the first pass"]
        case .inSync, .applied, .planned: return ["nothing needs to end: the next change in git is applied by itself"]
        case .superseded: return ["the next pass takes over by itself"]
        case .held:
            return ["put its folder back in git, or `reconcile forget \(name)` (with --remove to take down what runs)"]
        case .rolledBack, .failed:
            return ["a commit that changes \(name)", "`reconcile resume \(name)` tries the same again"]
        case .paused: return ["`reconcile resume \(name)` goes on"]
        case .waiting:
            let ends = record.gates.filter { $0.state == .waiting }.map { end(of: $0, name) }
            return ends.isEmpty ? [VisibleText.line(record.reason, limit: 2000)] : ends
        case .error:
            return record.problems.isEmpty
                ? ["the next pass tries again by itself"] : ["a commit that mends the problems; the next pass reads it"]
        }
    }

    /// When it is looked at next.
    var next: String {
        guard let holder else { return "no loop is running: `reconcile` looks now" }
        return "process \(holder.pid) (\(VisibleText.line(holder.command)))"
            + (record.nextPassAt.map { ", at \(Words.second($0))" } ?? "") + "; `reconcile wake` makes it look now"
    }

    private func end(of gate: Gate, _ name: String) -> String {
        switch gate.name {
        case "max_delete":
            if let holder {
                "raise max_delete in its environment.yaml; or end process \(holder.pid), which holds the state folder, and let "
                    + "one pass delete them: `reconcile -e \(name) --allow-delete`"
            } else {
                "`reconcile -e \(name) --allow-delete` lets one pass delete them, or raise max_delete"
            }
        case "after": "the environment before it gets there: `reconcile why` with its name"
        case "drift": "`drift: repair` in its environment.yaml, or put back by hand what differs"
        default: VisibleText.line(gate.reason) + (gate.until.map { ", at \(Words.second($0))" } ?? "")
        }
    }

    private static func end(of hold: Hold, _ name: String) -> String {
        switch hold.kind {
        case .failed: "a commit that changes \(name), or `reconcile resume \(name)` to try the same again"
        case .pinned: "`reconcile resume \(name)`; newer commits do not end it"
        case .drift: "a commit that changes \(name), or `reconcile resume \(name)` to try the repair again"
        }
    }
}
