import Checks
import DriverKit
import History
import Model
import Planning
import Processes
import Traffic

/// Runs one step by its kind. Knows steps and drivers; knows no strategy, no policy and no journal.
struct StepRunner: Sendable {
    let drivers: DriverRegistry
    let materials: Materials
    let checker: Checker
    let router: Router

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
        /// What was recorded of the instance before the step was begun; nil where nothing was, and for steps that change none.
        var recorded: InstanceRecord?
        /// When the step was begun in this process.
        var began: Timestamp
        /// Since when an earlier process saw what it waits for healthy, or waited for what it does not ask.
        var since: Timestamp?
        /// What a person has decided about the step; nil while nobody has.
        var decision: @Sendable () async -> Decision?
        /// What the step's monitors measured, and where they record it.
        var measured: MeasurementLog
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
        case .smokeTest(let check): await smokeTest(step, check, context)
        case .preview(let check, let id): await preview(step, check, id, context)
        case .shiftTraffic(let routing): await shift(step, routing, context)
        case .monitor(let watch): await monitor(step, watch, context)
        case .pause(let span): await pause(span, context)
        case .approve(let question): await approve(step, question, context)
        }
    }

    /// What is there, for a step whose outcome was not recorded.
    func observe(_ step: Step, _ context: Context) async -> Observation {
        let id: Digest
        switch step.act {
        case .start(let deployable), .stop(let deployable), .waitHealthy(let deployable, _, _): id = deployable
        case .smokeTest, .preview, .shiftTraffic, .monitor, .pause, .approve: return .absent
        }
        guard let (driver, target) = try? await target(step, id, context) else {
            return .unknown("its driver or its files are missing")
        }
        return await driver.observe([target]).first ?? .unknown("the driver gave no answer")
    }

    /// The instance that a step is about, and who reaches it. Throws `Failure`, or where its files cannot be written.
    func target(_ step: Step, _ id: Digest, _ context: Context) async throws -> (any Driver, InstanceTarget) {
        let member = Routing.Member(instance: step.instance ?? "", index: step.index, deployable: id)
        return try await target(member, of: step, context)
    }

    /// As above, for one of the instances that a step names. `weight` is its side's percent.
    func target(
        _ member: Routing.Member, of step: Step, weight: Int = 100, _ context: Context
    ) async throws -> (any Driver, InstanceTarget) {
        guard let deployable = context.deployables[member.deployable], let workload = step.workload
        else { throw Failure(.act, reason: "the plan is not complete: run the pass again") }
        guard let driver = drivers[deployable.driver] else {
            throw Failure(.act, workload: workload, reason: "there is no driver \(deployable.driver)")
        }
        let folder = try await materials.folder(for: deployable.files, commit: context.commit)
        return (
            driver,
            InstanceTarget(
                environment: context.environment, workload: workload, instance: member.instance, index: member.index,
                weight: weight, commit: context.commit, deployable: deployable, folder: folder,
                before: await before(context, member, deployable), tell: context.tell)
        )
    }

    private func before(
        _ context: Context, _ member: Routing.Member, _ wanted: Deployable
    ) async -> InstanceTarget.Before? {
        guard let record = context.recorded, record.instance == member.instance,
            record.deployable.driver == wanted.driver
        else { return nil }
        var folders = FolderMemo(materials)
        return await folders.before(record, wanted)
    }

    /// False where it was cut short.
    func sleep(_ span: TimeSpan) async -> Bool {
        do {
            try await Task.sleep(for: span.duration)
            return true
        } catch {
            return false
        }
    }
}
