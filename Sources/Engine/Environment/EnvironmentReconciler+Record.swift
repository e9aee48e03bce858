import History
import Model
import Planning
import Processes

/// The one place where a pass's outcome is computed into what is recorded, told and reported.
extension EnvironmentReconciler {
    func report(
        _ outcome: Outcome, _ reason: String, plan: Plan? = nil, steps: [Step]? = nil, gates: [Gate] = [],
        problems: [Problem] = [], notes: [String] = [], reconcile: Int? = nil
    ) -> EnvironmentReport {
        EnvironmentReport(
            name: name, outcome: outcome, reason: reason, reconcile: reconcile, changes: plan?.changes ?? [],
            steps: steps ?? plan?.steps ?? [], gates: plan?.gates ?? gates, problems: problems,
            notes: plan?.notes ?? notes)
    }

    /// Ends a pass. What is new becomes a record of its own; what is not is counted. `isRemarkable` is that of the report.
    func conclude(
        _ outcome: Outcome, _ reason: String, _ call: PassCall, plan: Plan? = nil, steps: [Step]? = nil,
        gates: [Gate] = [], problems: [Problem] = [], notes: [String] = [], reconcile: Int? = nil,
        isRemarkable: Bool = false, writes: [JournalWrite] = []
    ) async throws(StoreError) -> EnvironmentReport {
        let now = WallClock.now()
        let before = record
        let hasEnded = reconcile != nil && record.openReconcile == nil
        let isNews = hasEnded || isNews(outcome, reason, isRemarkable)
        var report = report(
            outcome, reason, plan: plan, steps: steps, gates: gates, problems: problems, notes: notes,
            reconcile: reconcile)
        report.isRemarkable = isRemarkable
        var writes = writes
        if let reconcile {
            if hasEnded { writes.append(.end(reconcile: reconcile, outcome: outcome, reason: reason, at: now)) }
        } else if isNews {
            let id = parts.journal.nextReconcileID()
            let revision = call.snapshot.revision
            report.reconcile = id
            record.lastReconcile = id
            writes += [
                .begin(
                    ReconcileRecord(
                        id: id, environment: name, commit: revision.commit, tag: revision.tag, trigger: call.trigger,
                        outcome: nil,
                        reason: "", author: revision.author, subject: revision.subject, startedAt: now,
                        finishedAt: nil, input: record.input?.id, problems: problems, gates: report.gates,
                        notes: report.notes + revision.recordedNotes),
                    changes: report.changes, steps: report.steps, rollout: ""),
                .end(reconcile: id, outcome: outcome, reason: reason, at: now),
            ]
        }
        record.commit = call.snapshot.revision.commit
        record.tag = call.snapshot.revision.tag
        record.outcome = outcome
        record.reason = reason
        record.problems = problems
        record.gates = report.gates
        record.passes += 1
        record.lastPassAt = now
        record.nextPassAt = call.next
        record.told = record.input
        do throws(StoreError) { try await save(writes) } catch {
            record = before
            throw error
        }
        if isNews {
            parts.emit(
                EngineEvent(.outcome, environment: name, reconcile: report.reconcile, outcome: outcome, text: reason))
            await tell(report, call)
        }
        return report
    }

    /// Records how the environment stands now, together with these.
    func save(_ writes: [JournalWrite] = []) async throws(StoreError) {
        let (record, standing) = (record, standingWrite)
        stored = nil
        try await parts.journal.commit(writes + [standing])
        stored = record
    }

    /// As `save`, together with what is committed next.
    func stage(_ writes: [JournalWrite]) throws(StoreError) -> Journal.Staged {
        let staged = try parts.journal.stage(writes + [standingWrite])
        stored = record
        return staged
    }

    private var standingWrite: JournalWrite {
        stored?.isSameButForPass(record) ?? false ? .passed(record) : .environment(record)
    }

    /// Whether there is anything in an outcome that the last one did not say. An environment that settles after what
    /// was already told, such as held after a rollback, is no news.
    private func isNews(_ outcome: Outcome, _ reason: String, _ isRemarkable: Bool) -> Bool {
        guard let last = record.outcome else { return true }
        if record.told != record.input { return true }
        switch (last, outcome) {
        case (.applied, .inSync), (.inSync, .inSync):
            return isRemarkable && Self.words(of: record.reason) != Self.words(of: reason)
        case (.rolledBack, .held), (.failed, .held), (.failed, .paused): return false
        default: return last != outcome || Self.words(of: record.reason) != Self.words(of: reason)
        }
    }

    /// A reason without its numbers: a command that says how long it waited says nothing new.
    private static func words(of reason: String) -> [Substring] { reason.split { $0.isNumber } }

    /// An environment whose manifests are broken is still told about by what it wanted last.
    private func tell(_ report: EnvironmentReport, _ call: PassCall) async {
        var desired = cached
        if desired == nil, let running = record.running {
            desired = try? await parts.store.input(name, running)?.desired
        }
        await parts.notifier.tell(report, revision: call.snapshot.revision, desired: desired)
    }
}
