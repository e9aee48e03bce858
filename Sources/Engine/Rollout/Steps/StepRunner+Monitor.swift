import DriverKit
import Model
import Planning

/// What is watched for a while.
extension StepRunner {
    /// Watches the new side beside the old one.
    func monitor(_ step: Step, _ watch: Watch, _ context: Context) async -> StepResult {
        let runner: MonitorRunner
        do {
            runner = MonitorRunner(
                checker: checker, watch: watch, canary: try await members(watch.canary, step, context),
                baseline: try await members(watch.baseline, step, context), since: context.since ?? context.began,
                recorded: await context.measured.earlier(), record: context.measured.record,
                health: { await self.health($0, $1) }, tell: context.tell)
        } catch {
            let failure = Failure(.act, workload: step.workload, reason: "nothing can be watched: \(error)")
            return StepResult(ending: .failed(failure), detail: failure.reason, commands: [])
        }
        switch await runner.run() {
        case .passed(let detail): return StepResult(ending: .done, detail: detail, commands: [])
        case .failed(let reason):
            let failure = Failure(.monitor, workload: step.workload, reason: "the new version failed: \(reason)")
            return StepResult(ending: .failed(failure), detail: reason, commands: [])
        case .waiting(let reason): return StepResult(ending: .waiting(reason), detail: nil, commands: [])
        case .cut: return StepResult(ending: .cut, detail: nil, commands: [])
        }
    }

    private func members(
        _ members: [Routing.Member], _ step: Step, _ context: Context
    ) async throws -> [MonitorRunner.Member] {
        var all: [MonitorRunner.Member] = []
        for member in members {
            let (driver, target) = try await target(member, of: step, context)
            all.append(.init(driver: driver, target: target))
        }
        return all
    }
}
