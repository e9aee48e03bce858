import DriverKit
import Model
import Planning

/// What shares requests out.
extension StepRunner {
    /// Shares a workload's requests out as the routing says.
    func shift(_ step: Step, _ routing: Routing, _ context: Context) async -> StepResult {
        var commands: [CommandRecord] = []
        var reason = ""
        for attempt in 0...Self.pauses.count {
            if attempt > 0 {
                guard !context.stop.isSet, await sleep(Self.pauses[attempt - 1]), !context.stop.isSet else { break }
            }
            do {
                let report = try await route(step, routing, context)
                commands += report.commands
                guard let failure = report.failure else {
                    return StepResult(ending: .done, detail: routing.weights, commands: commands)
                }
                reason = failure
            } catch {
                reason = "\(error)"
            }
        }
        if Task.isCancelled { return StepResult(ending: .cut, detail: "stopped in the middle", commands: commands) }
        let sentence = "the traffic of \(step.workload ?? "?") could not be shifted: \(reason)"
        return StepResult(
            ending: .failed(Failure(.act, workload: step.workload, reason: sentence)), detail: sentence,
            commands: commands)
    }

    /// Has each driver tell its own instances their weight.
    private func route(_ step: Step, _ routing: Routing, _ context: Context) async throws -> ActReport {
        var targets: [String: [InstanceTarget]] = [:]
        for side in routing.sides {
            for member in side.members {
                let (driver, target) = try await target(member, of: step, weight: side.weight, context)
                targets[driver.description.name, default: []].append(target)
            }
        }
        var whole = ActReport(failure: nil, commands: [])
        for (name, group) in targets.sorted(by: { $0.key < $1.key }) {
            guard let report = await drivers[name]?.route(group) else {
                whole.failure = "the driver \(name) cannot shift traffic"
                return whole
            }
            whole.commands += report.commands
            whole.failure = report.failure
            if whole.failure != nil { break }
        }
        return whole
    }
}
