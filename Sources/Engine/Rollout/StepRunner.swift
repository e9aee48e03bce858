import Checks
import DriverKit
import Model
import Planning
import Processes
import Synchronization

/// Runs one step by its kind. Knows steps and drivers; knows no strategy, no policy and no journal.
struct StepRunner: Sendable {
    /// How often `apply` and `remove` are tried, and the pauses between.
    static let pauses: [TimeSpan] = [.seconds(1), .seconds(2)]

    let drivers: DriverRegistry
    let materials: Materials
    let checker: Checker

    /// What a step needs besides itself.
    struct Context: Sendable {
        var environment: String
        /// The commit that the step's deployable came from.
        var commit: String
        var deployables: [Digest: Deployable]
        /// The environment's own files, for smoke tests that are commands.
        var folderFiles: [SourceFile]
        /// The environment's folder, relative to the source's.
        var folder: String
        /// When the step was begun in this process.
        var began: Timestamp
        /// Since when an earlier process saw what it waits for healthy, or waited for what it does not ask.
        var healthySince: Timestamp?
        /// Records since when what it waits for is healthy; nil when it is not any more.
        var note: @Sendable (Timestamp?) async -> Void
        /// Takes a line that says how far the step is.
        var tell: @Sendable (String) -> Void
        /// Set when no further try shall be made.
        var stop: StopFlag
    }

    func run(_ step: Step, _ context: Context) async -> StepResult {
        switch step.act {
        case .start(let id): await act(step, id, context, isStart: true)
        case .stop(let id): await act(step, id, context, isStart: false)
        case .waitHealthy(let id, let minimum, let deadline):
            await waitHealthy(step, id, minimum: minimum, deadline: deadline, context)
        case .smokeTest(let check): await smokeTest(check, context)
        case .shiftTraffic, .monitor, .pause, .approve:
            StepResult(
                ending: .failed(
                    Failure(.act, workload: step.workload, reason: "\(step.kind.rawValue) is not built yet")),
                detail: nil, commands: [])
        }
    }

    /// What is there, for a step whose outcome was not recorded.
    func observe(_ step: Step, _ context: Context) async -> Observation {
        let id: Digest
        switch step.act {
        case .start(let deployable), .stop(let deployable), .waitHealthy(let deployable, _, _): id = deployable
        case .smokeTest, .shiftTraffic, .monitor, .pause, .approve: return .absent
        }
        guard let (driver, target) = try? await target(step, id, context) else {
            return .unknown("its driver or its files are missing")
        }
        return await driver.observe([target]).first ?? .unknown("the driver gave no answer")
    }

    private func target(
        _ step: Step, _ id: Digest, _ context: Context
    ) async throws -> (any Driver, InstanceTarget) {
        guard let deployable = context.deployables[id], let workload = step.workload, let instance = step.instance
        else { throw Failure(.act, reason: "the plan is not complete: run the pass again") }
        guard let driver = drivers[deployable.driver] else {
            throw Failure(.act, workload: workload, reason: "there is no driver \(deployable.driver)")
        }
        let folder = try await materials.folder(for: deployable.files, commit: context.commit)
        return (
            driver,
            InstanceTarget(
                environment: context.environment, workload: workload, instance: instance, index: step.index,
                commit: context.commit, deployable: deployable, folder: folder, tell: context.tell)
        )
    }

    private func act(_ step: Step, _ id: Digest, _ context: Context, isStart: Bool) async -> StepResult {
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
                    switch await settle(driver, target, isStart: isStart) {
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
        let sentence = "\(step.instance ?? "?") could not be \(isStart ? "started" : "stopped"): \(reason)"
        return StepResult(
            ending: .failed(Failure(.act, workload: step.workload, reason: sentence)), detail: sentence,
            commands: commands)
    }

    private func tries(_ attempt: Int) -> String? { attempt == 0 ? nil : "done at try \(attempt + 1)" }

    private enum Settled {
        case done
        case wrong(String)
        case unknown(String)
    }

    /// Looks whether the act led where it should; what cannot be seen is looked at again before giving up.
    private func settle(_ driver: any Driver, _ target: InstanceTarget, isStart: Bool) async -> Settled {
        var why = ""
        for attempt in 0...Self.pauses.count {
            if attempt > 0, !(await sleep(Self.pauses[attempt - 1])) { break }
            switch await driver.observe([target]).first ?? .unknown("the driver gave no answer") {
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

    private func waitHealthy(
        _ step: Step, _ id: Digest, minimum: TimeSpan, deadline: TimeSpan, _ context: Context
    ) async -> StepResult {
        var commands: [CommandRecord] = []
        var healthySince = context.healthySince
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
                let rest = minimum - (now - since)
                if rest <= .zero { return StepResult(ending: .done, detail: nil, commands: commands) }
                _ = await sleep(asked == nil ? rest : min(rest, interval))
            case .fail(let reason), .inconclusive(let reason):
                if healthySince != nil && minimum > .zero { await context.note(nil) }
                healthySince = nil
                if now - context.began >= deadline {
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

    /// The driver's own question and the workload's; nil where neither has one.
    private func health(_ driver: any Driver, _ target: InstanceTarget) async -> HealthReport? {
        var report = await driver.health(target)
        if let report, report.verdict != .pass { return report }
        guard let check = target.deployable.health else { return report }
        let variables = [
            "RECONCILE_ENVIRONMENT": target.environment, "RECONCILE_WORKLOAD": target.workload,
            "RECONCILE_INSTANCE": target.instance, "RECONCILE_INDEX": String(target.index),
            "RECONCILE_DIGEST": target.deployable.digest.hex, "RECONCILE_COMMIT": target.commit,
        ]
        let (verdict, command) = await checker.ask(check, environment: variables, folder: target.folder)
        report = HealthReport(verdict: verdict, commands: (report?.commands ?? []) + (command.map { [$0] } ?? []))
        return report
    }

    private func smokeTest(_ check: Check, _ context: Context) async -> StepResult {
        var folder: String?
        if case .command = check.probe {
            do {
                let root = try await materials.folder(for: context.folderFiles, commit: context.commit)
                folder = context.folder.isEmpty || context.folderFiles.isEmpty ? root : root + "/" + context.folder
            } catch {
                let failure = Failure(.smoke, reason: "the smoke test's files cannot be written: \(error)")
                return StepResult(ending: .failed(failure), detail: failure.reason, commands: [])
            }
        }
        let variables = ["RECONCILE_ENVIRONMENT": context.environment, "RECONCILE_COMMIT": context.commit]
        let (verdict, command) = await checker.ask(check, environment: variables, folder: folder)
        let commands = command.map { [$0] } ?? []
        switch verdict {
        case .pass: return StepResult(ending: .done, detail: nil, commands: commands)
        case .fail(let reason), .inconclusive(let reason):
            if Task.isCancelled { return StepResult(ending: .cut, detail: nil, commands: commands) }
            // What is asked over the network names its address itself.
            let name = folder == nil ? "" : check.text + ": "
            let sentence = "the smoke test failed: \(name)\(reason)"
            return StepResult(
                ending: .failed(Failure(.smoke, reason: sentence)), detail: sentence, commands: commands)
        }
    }

    /// False where it was cut short.
    private func sleep(_ span: TimeSpan) async -> Bool {
        do {
            try await Task.sleep(for: span.duration)
            return true
        } catch {
            return false
        }
    }
}

/// Says to everything that runs for one rollout that no further try shall be made.
final class StopFlag: Sendable {
    private let flag = Mutex(false)

    var isSet: Bool { flag.withLock { $0 } }

    func set(_ value: Bool) { flag.withLock { $0 = value } }
}
