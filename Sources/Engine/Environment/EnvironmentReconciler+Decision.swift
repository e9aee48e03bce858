import History
import Model
import Planning
import Processes

/// What people decide about a rollout that asks them.
extension EnvironmentReconciler {
    /// A named person approves or rejects everything that waits for it. The rollout goes on by itself where it is under way
    /// or lives in a loop; with `call` it goes on here.
    func decide(
        _ isApproved: Bool, by person: String, _ call: PassCall?
    ) async throws(StoreError) -> Answer {
        let nothing = (false, "nothing in \(name) waits for an approval")
        guard let id = record.openReconcile, let text = try await parts.store.rollout(id),
            let plan = RolloutText.read(text).map({ Rollout($0, states: [:]).plan.digest })
        else { return nothing }
        let decided = try await parts.store.decisions(id)
        let waiting = try await parts.store.steps(id).filter {
            $0.kind == .approve && $0.state == .running && decided[$0.id] == nil
        }
        guard !waiting.isEmpty else { return nothing }
        let decision = Decision(isApproved: isApproved, person: person, plan: plan, at: WallClock.now())
        try await parts.journal.commit(
            waiting.map { .decision(environment: name, reconcile: id, step: $0.id, decision) })
        let sentence = "\(name): plan \(plan.short) is \(isApproved ? "approved" : "rejected") by \(person)"
        if line.look() { return (true, sentence) }
        if record.pause != nil { return (true, sentence + "; paused: `reconcile resume \(name)` goes on") }
        guard let call else { return (true, sentence) }
        let report = await inTurn { () throws(StoreError) in try await self.goOn(id, call) }
        return (
            ![.error, .failed].contains(report.outcome), "\(sentence); \(report.outcome.rawValue): \(report.reason)"
        )
    }
}
