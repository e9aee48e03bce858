import History
import Model
import Planning

/// What a person decides.
extension StepRunner {
    /// Looks once whether somebody has decided: who has not is waited for outside.
    func approve(_ step: Step, _ question: String, _ context: Context) async -> StepResult {
        guard let decision = await context.decision() else {
            return StepResult(ending: .waiting(question), detail: nil, commands: [])
        }
        let sentence = "\(decision.isApproved ? "approved" : "rejected") by \(decision.person)"
        guard !decision.isApproved else { return StepResult(ending: .done, detail: sentence, commands: []) }
        return StepResult(
            ending: .failed(Failure(.rejected, workload: step.workload, reason: sentence)), detail: sentence,
            commands: [])
    }
}
