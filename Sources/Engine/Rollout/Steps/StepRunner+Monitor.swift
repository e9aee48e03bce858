import Model
import Planning

/// What is watched for a while.
extension StepRunner {
    /// Watches the new side beside the old one.
    func monitor(_ step: Step, _ watch: Watch, _ context: Context) async -> StepResult {
        let failure = Failure(.act, workload: step.workload, reason: "\(step.kind.rawValue) is not built yet")
        return StepResult(ending: .failed(failure), detail: failure.reason, commands: [])
    }
}
