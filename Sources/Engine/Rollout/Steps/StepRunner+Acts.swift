import DriverKit
import Model
import Planning

/// What changes an instance.
extension StepRunner {
    /// How often `apply` and `remove` are tried, and the pauses between.
    static let pauses: [TimeSpan] = [.seconds(1), .seconds(2)]

    /// Starts or stops one instance, with tries, and sees that it got there.
    func act(_ step: Step, _ id: Digest, _ context: Context, isStart: Bool) async -> StepResult {
        var commands: [CommandRecord] = []
        var reason = ""
        for attempt in 0...Self.pauses.count {
            if attempt > 0 {
                guard !context.stop.isSet, await sleep(Self.pauses[attempt - 1]), !context.stop.isSet else { break }
            }
            do {
                let (driver, target) = try await target(step, id, context)
                let report = isStart ? await driver.apply(target) : await driver.remove(target)
                commands += report.commands
                guard let failure = report.failure else {
                    switch await settle(driver, target, report.observed, isStart: isStart) {
                    case .done: return StepResult(ending: .done, detail: tries(attempt), commands: commands)
                    case .wrong(let seen): reason = seen
                    case .unknown(let why):
                        let failure = Failure(
                            .unknown, workload: step.workload,
                            reason:
                                "\(target.instance) could not be seen after it was \(isStart ? "started" : "stopped"): \(why)"
                        )
                        return StepResult(ending: .failed(failure), detail: failure.reason, commands: commands)
                    }
                    continue
                }
                reason = failure
            } catch {
                reason = "\(error)"
            }
        }
        if Task.isCancelled { return StepResult(ending: .cut, detail: "stopped in the middle", commands: commands) }
        if let failure = await outOfReach(step, id, context) {
            return StepResult(ending: .failed(failure), detail: failure.reason, commands: commands)
        }
        let sentence = "\(step.instance ?? "?") could not be \(isStart ? "started" : "stopped"): \(reason)"
        return StepResult(
            ending: .failed(Failure(.act, workload: step.workload, reason: sentence)), detail: sentence,
            commands: commands)
    }

    /// The failure of a step on a host that cannot be seen any more: what was tried there says nothing of it. Nil where it
    /// can be seen, and where instances are not on hosts.
    func outOfReach(_ step: Step, _ id: Digest, _ context: Context) async -> Failure? {
        guard let (driver, target) = try? await target(step, id, context), driver.description.placement == .onHosts,
            case .unknown(let reason)? = await driver.observe([target]).first
        else { return nil }
        return Failure(.unknown, workload: step.workload, reason: "\(target.instance) is out of reach: \(reason)")
    }

    private func tries(_ attempt: Int) -> String? { attempt == 0 ? nil : "done at try \(attempt + 1)" }

    private enum Settled {
        case done
        case wrong(String)
        case unknown(String)
    }

    /// Looks whether the act led where it should, unless the driver did; what cannot be seen is looked at again before giving
    /// up.
    private func settle(
        _ driver: any Driver, _ target: InstanceTarget, _ observed: Observation?, isStart: Bool
    ) async -> Settled {
        var why = ""
        for attempt in 0...Self.pauses.count {
            if attempt > 0, !(await sleep(Self.pauses[attempt - 1])) { break }
            var seen = attempt == 0 ? observed : nil
            if seen == nil { seen = await driver.observe([target]).first }
            switch seen ?? .unknown("the driver gave no answer") {
            case .running(let text):
                if isStart && text == target.deployable.digest.hex { return .done }
                return .wrong(
                    "it reports \(VisibleText.line(text, limit: 80)) instead of \(isStart ? target.deployable.digest.short : "nothing")"
                )
            case .absent: return isStart ? .wrong("it reports nothing afterwards") : .done
            case .unknown(let reason): why = reason
            }
        }
        return .unknown(why)
    }
}
