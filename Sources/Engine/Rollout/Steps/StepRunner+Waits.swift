import DriverKit
import Model
import Planning
import Processes

/// What only lets time pass.
extension StepRunner {
    /// How long a host is out of reach before nobody waits for it any more: a connection may only be opened anew. Half of it
    /// is between two looks.
    static let reach = TimeSpan.seconds(10)

    /// Asks until the instance was healthy for so long without a break, or it is too late, or its host is out of reach.
    func waitHealthy(
        _ step: Step, _ id: Digest, minimum: TimeSpan, deadline: TimeSpan, _ context: Context
    ) async -> StepResult {
        var commands: [CommandRecord] = []
        var healthySince = context.since
        var lostSince: Timestamp?
        var nextLook = context.began + Self.reach
        while !Task.isCancelled {
            let asked: HealthReport?
            do {
                let (driver, target) = try await target(step, id, context)
                asked = await health(driver, target)
            } catch {
                asked = HealthReport(verdict: .inconclusive("\(error)"), commands: [])
            }
            if Task.isCancelled { break }
            if let last = asked?.commands { commands = last }
            let now = WallClock.now()
            let interval = context.deployables[id]?.health?.interval ?? .seconds(1)
            switch asked?.verdict ?? .pass {
            case .pass:
                let since = healthySince ?? (asked == nil ? context.began : now)
                if healthySince == nil && asked != nil && minimum > .zero { await context.note(since) }
                healthySince = since
                lostSince = nil
                let rest = minimum - (now - since)
                if rest <= .zero { return StepResult(ending: .done, detail: nil, commands: commands) }
                _ = await sleep(asked == nil ? rest : min(rest, interval))
            case .fail(let reason), .inconclusive(let reason):
                if healthySince != nil && minimum > .zero { await context.note(nil) }
                healthySince = nil
                if case .inconclusive? = asked?.verdict, lostSince == nil { nextLook = min(nextLook, now) }
                if now >= nextLook {
                    let failure = await outOfReach(step, id, context)
                    let since = lostSince ?? now
                    lostSince = failure == nil ? nil : since
                    nextLook =
                        WallClock.now()
                        + (failure == nil ? Self.reach : TimeSpan(milliseconds: Self.reach.milliseconds / 2))
                    if let failure, WallClock.now() - since >= Self.reach {
                        return StepResult(ending: .failed(failure), detail: failure.reason, commands: commands)
                    }
                }
                if now - context.began >= deadline {
                    if let failure = await outOfReach(step, id, context) {
                        return StepResult(ending: .failed(failure), detail: failure.reason, commands: commands)
                    }
                    let sentence = "\(step.instance ?? "?") was not healthy within \(deadline): \(reason)"
                    return StepResult(
                        ending: .failed(Failure(.health, workload: step.workload, reason: sentence)),
                        detail: sentence, commands: commands)
                }
                _ = await sleep(min(interval, max(deadline - (now - context.began), TimeSpan(milliseconds: 1))))
            }
        }
        return StepResult(ending: .cut, detail: nil, commands: commands)
    }

    /// Lets so much time pass since the step was first begun, in this process or an earlier one.
    func pause(_ span: TimeSpan, _ context: Context) async -> StepResult {
        let end = (context.since ?? context.began) + span
        let rest = end - WallClock.now()
        if rest > .zero {
            context.tell("until \(end.iso8601)")
            guard await sleep(rest) else { return StepResult(ending: .cut, detail: nil, commands: []) }
        }
        return StepResult(ending: .done, detail: nil, commands: [])
    }
}
