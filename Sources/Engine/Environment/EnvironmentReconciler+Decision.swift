import History
import Model
import Planning
import Processes

/// What people decide about a rollout that asks them.
extension EnvironmentReconciler {
    /// A named person approves or rejects what waits for it, if that is what the person saw. The rollout goes on by itself
    /// where it is under way or lives in a loop; with `call` it goes on here.
    func decide(
        _ isApproved: Bool, _ request: DecisionRequest, _ call: PassCall?
    ) async throws(StoreError) -> Answer {
        guard let id = record.openReconcile,
            let question = try await OpenQuestion.read(reconcile: id, from: parts.store)
        else { return (false, "nothing in \(name) waits for an approval") }
        let plan = question.plan
        let steps = question.steps.filter(request.steps.contains)
        guard request.plan == plan.hex, !steps.isEmpty else {
            return (
                false,
                "\(name) asks about plan \(plan.short) now, and that is not what was decided on: see `reconcile why \(name)`, then "
                    + "decide again"
            )
        }
        let person = request.person
        let decision = Decision(isApproved: isApproved, person: person, plan: plan, at: WallClock.now())
        try await parts.journal.commit(
            steps.map { .decision(environment: name, reconcile: id, step: $0, decision) })
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
