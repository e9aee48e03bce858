import DriverKit
import History
import Model
import Planning
import Processes

/// One rollout as the executor gets it: whose it is, where it goes, and where it goes back to.
struct RolloutJob: Sendable {
    var reconcile: Int
    var environment: String
    /// When this process began with it, or went on with it: a pause or a restart uses up no deadline.
    var began: Timestamp
    /// What the environment should be.
    var desired: Desired
    /// What it goes back to; nil where there is no last good.
    var good: Desired?
    /// Why it must not go back there; nil where nothing is said of that.
    var noWayBack: String?
    /// What the paths of its balancers really are, where that is another path.
    var realPaths: [String: String] = [:]
    /// For waits that were begun in an earlier process: since when they count.
    var since: [Int: Timestamp] = [:]
    /// Whether a driver would ask anything about an instance's health.
    var asksHealth: @Sendable (Deployable) -> Bool

    /// When it is too late, given how long the plan itself takes its time. The way back has as long again as the last good
    /// input allows.
    func deadline(_ direction: RolloutState.Direction, of rollout: Rollout) -> Timestamp {
        let forward = began + span(.forward) + rollout.plan.leastTime
        return direction == .forward ? forward : forward + span(.back)
    }

    func late(_ direction: RolloutState.Direction) -> Failure {
        Failure(.deadline, reason: "the pass took longer than its deadline of \(span(direction))")
    }

    private func span(_ direction: RolloutState.Direction) -> TimeSpan {
        (direction == .forward ? desired : good ?? desired).environment.policy.deadline
    }

    func context(
        for step: Step, of rollout: Rollout, _ stop: StopFlag, tell: @escaping @Sendable (String) -> Void = { _ in },
        decision: @escaping @Sendable () async -> Decision? = { nil },
        measured: MeasurementLog = .none,
        note: @escaping @Sendable (Timestamp?) async -> Void = { _ in }
    ) -> StepRunner.Context {
        let side = side(of: rollout)
        return StepRunner.Context(
            environment: environment, commit: side.commit, deployables: rollout.deployables,
            folderFiles: side.folderFiles, folder: side.environment.folder,
            began: WallClock.now(), since: since[step.id], decision: decision, measured: measured, note: note,
            tell: tell, stop: stop)
    }

    /// What an instance was before a step: as it is recorded, or, where an earlier try of the same step is recorded that did
    /// not come to its end, as it was known good.
    func before(_ record: InstanceRecord?, _ step: Step, _ wanted: Deployable) -> InstanceRecord? {
        guard let record, record.digest == nil, record.deployable.digest == wanted.digest, let good,
            let deployable = good.deployable(of: record.workload, instance: record.instance),
            deployable.driver == wanted.driver
        else { return record }
        return step.record(deployable, commit: good.commit, digest: nil)
    }

    /// What a finished step leaves in the inventory.
    func inventory(after step: Step, of rollout: Rollout) -> [JournalWrite] {
        switch step.act {
        case .start(let id):
            guard let deployable = rollout.deployables[id] else { return [] }
            let record = step.record(deployable, commit: side(of: rollout).commit, digest: deployable.digest)
            return [.instance(environment: environment, record)]
        case .stop(let id):
            guard let driver = rollout.deployables[id]?.driver, let instance = step.instance else { return [] }
            return [.removeInstance(environment: environment, instance: instance, driver: driver)]
        case .waitHealthy, .smokeTest, .preview, .shiftTraffic, .monitor, .pause, .approve: return []
        }
    }

    /// The way back to the last good, or why there is none; and what the failure means for what was known good.
    func chooseRetreat(_ rollout: Rollout, _ failure: Failure) -> (Rollout.Event, [JournalWrite]) {
        let digests = Set(blamed(rollout, failure).flatMap { desired.deployables(of: $0).map(\.digest) })
            .sorted { $0.hex < $1.hex }
        let writes: [JournalWrite] = [
            .failed(environment: environment, input: rollout.plan.input, digests: digests, at: WallClock.now())
        ]
        guard desired.environment.policy.onFailure != .pause else {
            return (.noRetreat("paused, because of on_failure: pause"), writes)
        }
        guard let good else { return (.noRetreat(noWayBack ?? "there is no last good to go back to"), writes) }
        let way = Retreat.compile(rollout, to: good, realPaths: realPaths, asksHealth: asksHealth)
        return (.retreat(way.steps, way.deployables), writes)
    }

    /// The workloads whose new version a failure speaks against. What ended the rollout from outside says nothing about those
    /// that were there already.
    private func blamed(_ rollout: Rollout, _ failure: Failure) -> [String] {
        if let workload = failure.workload { return [workload] }
        let changed = rollout.plan.changes.map(\.workload)
        guard failure.kind == .aborted || failure.kind == .deadline else { return changed }
        let open = Set(rollout.plan.steps.filter { rollout.states[$0.id] != .done }.compactMap(\.workload))
        return open.isEmpty ? changed : changed.filter(open.contains)
    }

    private func side(of rollout: Rollout) -> Desired { rollout.failure == nil ? desired : good ?? desired }
}

extension Step {
    /// The instance as it is recorded for this step.
    func record(_ deployable: Deployable, commit: String, digest: Digest?) -> InstanceRecord {
        InstanceRecord(
            workload: workload ?? "", instance: instance ?? "", index: index, deployable: deployable, commit: commit,
            digest: digest)
    }
}
