import Checks
import DriverKit
import Model
import Planning

/// What is asked of instances and of the environment as a whole.
extension StepRunner {
    /// The driver's own question and the workload's; nil where neither has one.
    func health(_ driver: any Driver, _ target: InstanceTarget) async -> HealthReport? {
        var report = await driver.health(target)
        if let report, report.verdict != .pass { return report }
        guard let check = target.deployable.health else { return report }
        let (verdict, command) = await ask(check, driver, target)
        report = HealthReport(verdict: verdict, commands: (report?.commands ?? []) + (command.map { [$0] } ?? []))
        return report
    }

    /// Asks one instance; a port of its own is looked up where the driver knows of ports.
    private func ask(
        _ check: Check, _ driver: any Driver, _ target: InstanceTarget
    ) async -> (verdict: Verdict, record: CommandRecord?) {
        var check = check
        if case .port(let port, _, _) = check.probe {
            do throws(DriverFailure) {
                check = check.resolved(at: try await driver.address(of: port, target))
            } catch {
                return (.inconclusive("\(target.instance) cannot be found: \(error)"), nil)
            }
        }
        return await checker.ask(check, environment: target.variables, folder: target.folder)
    }

    /// A smoke test of one instance, before it gets any requests.
    func preview(_ step: Step, _ check: Check, _ id: Digest, _ context: Context) async -> StepResult {
        do {
            let (driver, target) = try await target(step, id, context)
            let (verdict, command) = await ask(check, driver, target)
            return smoke(check, verdict, command, of: step.instance, workload: step.workload)
        } catch {
            let failure = Failure(.smoke, workload: step.workload, reason: "\(error)")
            return StepResult(ending: .failed(failure), detail: failure.reason, commands: [])
        }
    }

    /// A smoke test of the whole environment, or of a workload's new side.
    func smokeTest(_ step: Step, _ check: Check, _ context: Context) async -> StepResult {
        var folder: String?
        if case .command = check.probe {
            do {
                let root = try await materials.folder(for: context.folderFiles, commit: context.commit)
                folder = context.folder.isEmpty || context.folderFiles.isEmpty ? root : root + "/" + context.folder
            } catch {
                let failure = Failure(
                    .smoke, workload: step.workload, reason: "the smoke test's files cannot be written: \(error)")
                return StepResult(ending: .failed(failure), detail: failure.reason, commands: [])
            }
        }
        let variables = ["RECONCILE_ENVIRONMENT": context.environment, "RECONCILE_COMMIT": context.commit]
        let (verdict, command) = await checker.ask(check, environment: variables, folder: folder)
        return smoke(check, verdict, command, workload: step.workload)
    }

    private func smoke(
        _ check: Check, _ verdict: Verdict, _ command: CommandRecord?, of instance: String? = nil,
        workload: String?
    ) -> StepResult {
        let commands = command.map { [$0] } ?? []
        switch verdict {
        case .pass: return StepResult(ending: .done, detail: nil, commands: commands)
        case .fail(let reason), .inconclusive(let reason):
            if Task.isCancelled { return StepResult(ending: .cut, detail: nil, commands: commands) }
            // What is asked over the network names its address itself.
            let name = command == nil ? "" : check.text + ": "
            let sentence = "the smoke test\(instance.map { " of \($0)" } ?? "") failed: \(name)\(reason)"
            return StepResult(
                ending: .failed(Failure(.smoke, workload: workload, reason: sentence)), detail: sentence,
                commands: commands)
        }
    }
}
