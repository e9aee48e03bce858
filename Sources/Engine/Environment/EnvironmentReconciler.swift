import DriverKit
import History
import Manifests
import Model
import Planning
import Processes

/// One environment's life: one pass at a time, from git and from observation to what is recorded.
actor EnvironmentReconciler {
    /// After how many passes that could not repair drift it is left alone.
    static let driftTries = 3

    let name: String
    let parts: EngineParts
    /// How the environment stands, as it was recorded last.
    var record: EnvironmentRecord
    /// The same as it is in the record's file; nil where that is not known.
    var stored: EnvironmentRecord?
    /// What was wanted last, so that the loop need not read it again.
    private(set) var cached: Desired?
    /// What it was last brought to, as that is in the record; nil where that is not known.
    private var reached: Desired?
    /// The parsed files of its folder.
    private(set) var manifests = ManifestCache()
    /// When metrics were last measured.
    private var measuredAt: Timestamp?
    /// What the rollout under way is for; nil where none is.
    var underWay: Rollout.Purpose?
    /// One pass or request at a time.
    private let turn = Slots(1, heedsCancellation: false)
    /// Nothing more is done to it and recorded of it then: it was forgotten, or another has taken its place.
    var isForgotten = false
    /// What others may know of it; nil once it is forgotten.
    var standing: EnvironmentRecord? { isForgotten ? nil : record }
    /// Reaches the rollout that is under way.
    nonisolated let line = HaltLine()

    /// `isStored` says whether the record knows the environment already.
    init(_ record: EnvironmentRecord, isStored: Bool, parts: EngineParts) {
        name = record.name
        self.record = record
        stored = isStored ? record : nil
        self.parts = parts
    }

    /// One pass. Never throws: what went wrong is in the report.
    func pass(_ call: PassCall) async -> EnvironmentReport {
        await inTurn { () throws(StoreError) in try await self.perform(call) }
    }

    /// Does one thing at a time to this environment. Where the record cannot be written, nothing that was not recorded
    /// is believed: how the environment stands is read again.
    func alone(
        _ body: @Sendable () async throws(StoreError) -> EnvironmentReport
    ) async -> EnvironmentReport {
        await turn.with {
            do throws(StoreError) {
                return try await body()
            } catch {
                await self.failed(error)
                return EnvironmentReport(name: self.name, outcome: .error, reason: "\(error)")
            }
        }
    }

    /// Returns when nothing is done to it.
    func rest() async { await turn.with {} }

    /// As `rest`, and nothing is done to it from then on: another source works on it.
    func handOver() async { await turn.with { self.isForgotten = true } }

    private func failed(_ error: StoreError) async {
        cached = nil
        reached = nil
        underWay = nil
        // A rollout that was staged is either in the record that is read then, or nowhere.
        try? await parts.journal.flush()
        if let stored = try? await parts.store.environment(name) {
            self.stored = stored
            record = stored
        }
        parts.emit(EngineEvent(.outcome, environment: name, outcome: .error, text: "\(error)"))
    }

    /// The environments that come before this one at a revision.
    func predecessors(in snapshot: Snapshot) async -> [String] {
        if let input = record.input, record.problems.isEmpty, snapshot.isUnchanged(input, of: name) {
            return record.after
        }
        guard case .desired(let desired) = await want(snapshot) else { return [] }
        return desired.environment.policy.after
    }

    private func perform(_ call: PassCall) async throws(StoreError) -> EnvironmentReport {
        if isForgotten { return report(.held, "\(name) was forgotten") }
        if let pause = record.pause {
            return try await conclude(.paused, "\(pause.reason); `reconcile resume \(name)` goes on", call)
        }
        if record.isAsRecorded(call.trustsRecord, call.snapshot),
            record.after.allSatisfy({ call.isWaitingFor($0) == nil })
        {
            return try await conclude(.inSync, "everything is as the record says", call)
        }
        let wanted = await want(call.snapshot)
        if let report = try await recover(wanted, call) { return report }
        switch wanted {
        case .gone:
            return try await conclude(
                .held,
                "its folder is no longer in git; put it back, or run `reconcile forget \(name)` (with --remove to take "
                    + "down what runs)", call)
        case .unreadable(let reason):
            return try await conclude(.error, reason, call)
        case .broken(let input, let problems):
            record.input = input
            let count = problems.count == 1 ? "a problem" : "\(problems.count) problems"
            let first = problems.first.map { ": \($0.file):\($0.line): \($0.message)" } ?? ""
            return try await conclude(
                .error, "\(count) in its manifests\(first); nothing was touched", call, problems: problems)
        case .desired(let desired):
            let order = await call.orderProblems(desired.environment)
            guard order.isEmpty else {
                return try await conclude(
                    .error, order.map(\.diagnostic).joined(separator: "; "), call, problems: order)
            }
            record.after = desired.environment.policy.after
            record.interval = desired.environment.policy.interval
            record.measures = desired.environment.workloads.contains { $0.autoscaling?.metric != nil } ? true : nil
            return try await reconcile(desired, call)
        }
    }

    private func reconcile(_ desired: Desired, _ call: PassCall) async throws(StoreError) -> EnvironmentReport {
        record.input = desired.input
        if let hold = record.hold, !isOutlived(hold, by: desired) {
            guard let id = hold.target, let target = try await parts.store.input(name, id)?.desired else {
                return try await conclude(.held, hold.reason, call, notes: desired.environment.notes)
            }
            return try await plan(for: target, purpose: .repair, call)
        }
        for name in desired.environment.policy.after {
            guard let reason = call.isWaitingFor(name) else { continue }
            let gate = Gate(name: "after", state: .waiting, reason: reason)
            return try await conclude(.waiting, reason, call, gates: [gate], notes: desired.environment.notes)
        }
        endHold(ifOutlivedBy: desired)
        return try await plan(for: desired, purpose: .deploy, call)
    }

    /// Observes, compares, and carries out what differs.
    func plan(
        for target: Desired, purpose: Rollout.Purpose, _ call: PassCall
    ) async throws(StoreError) -> EnvironmentReport {
        if let refusal = try await refusal(of: target, purpose, call) {
            return try await conclude(.error, refusal.reason, call, problems: refusal.problems)
        }
        let drivers = parts.drivers
        var circumstances = try await parts.observer.circumstances(
            Observer.Look(
                target: target, record: record, previous: try await previousEnvironment(),
                trustsRecord: call.trustsRecord, allowDelete: call.allowDelete), store: parts.store)
        var target = circumstances.desired
        let scales = try await parts.store.scales(name)
        let mayScale = purpose == .deploy && record.hold == nil && circumstances.wasReached
        circumstances.recall(scales, mayScale: mayScale)
        var result = Planner.plan(circumstances)
        try await write(inventory: result.comparison)
        var scaling = Scaling()
        // What tells of a change is often our own act, which a metric has not followed yet; but drift that never ends must
        // not keep the measurements from their turn.
        let isTime = call.trigger != .drift || measuredAt.map { WallClock.now() - $0 >= record.interval } ?? true
        if mayScale, !result.plan.isBlocked, isTime {
            measuredAt = WallClock.now()
            scaling = try await measure(target, result, scales)
            scaling.apply(to: &circumstances, &result)
        }
        if !result.plan.isBlocked {
            do throws(DriverFailure) {
                let pins = try await drivers.pins(for: result.plan) { [name, parts] workload, text in
                    parts.emit(EngineEvent(.progress, environment: name, text: "\(workload): \(text)"))
                }
                if !pins.isEmpty {
                    target = target.pinned(pins)
                    circumstances.desired = target
                    result = Planner.plan(circumstances)
                    result.plan.notes += scaling.notes
                }
            } catch {
                return try await conclude(.error, "\(error); nothing was touched", call, plan: result.plan)
            }
        }
        let plan = result.plan
        if plan.isBlocked {
            return try await conclude(
                .waiting, plan.blocking.map(\.reason).joined(separator: "; "), call, plan: plan)
        }
        guard plan.steps.isEmpty else {
            return try await begin(plan, target: target, purpose: purpose, scaling, call)
        }
        try await remember(scaling)
        if let reason = untouched(plan) { return try await conclude(.error, reason, call, plan: plan) }
        if let reason = outOfReach(plan), purpose != .rollback {
            record.driftFailures = 0
            return try await conclude(
                .error, reason, call, plan: plan,
                writes: record.running == target.input.id ? [] : good(target, but: Set((plan.unreachable ?? [:]).keys)))
        }
        if let gate = plan.gates.first(where: { $0.state == .waiting }) {
            return try await conclude(.waiting, gate.reason, call, plan: plan)
        }
        return try await settle(target, purpose: purpose, plan: plan, scaling, call)
    }

    /// Nothing differs: what is wanted runs.
    private func settle(
        _ target: Desired, purpose: Rollout.Purpose, plan: Plan, _ scaling: Scaling, _ call: PassCall
    ) async throws(StoreError) -> EnvironmentReport {
        record.driftFailures = 0
        var writes: [JournalWrite] = []
        if record.running != target.input.id { writes = good(target) }
        if try await parts.store.supersededRollout(of: name) != nil { writes.append(.settled(environment: name)) }
        if purpose == .rollback {
            pin(target)
            let missing = outOfReach(plan)
            return try await conclude(
                missing == nil ? .rolledBack : .error,
                "already there; pinned until `reconcile resume \(name)`" + (missing.map { "; \($0)" } ?? ""), call,
                plan: plan, writes: writes)
        }
        if let hold = record.hold {
            return try await conclude(.held, hold.reason, call, plan: plan, writes: writes)
        }
        // What is in the reason is not said a second time.
        var plan = plan
        plan.notes.removeAll { scaling.notes.contains($0) }
        return try await conclude(
            .inSync, (["everything is as git says"] + scaling.notes).joined(separator: "; "), call, plan: plan,
            isRemarkable: !scaling.notes.isEmpty, writes: writes)
    }

    /// Records the plan, then runs it.
    private func begin(
        _ plan: Plan, target: Desired, purpose: Rollout.Purpose, _ scaling: Scaling, _ call: PassCall
    ) async throws(StoreError) -> EnvironmentReport {
        let purpose = purpose == .deploy && plan.isRepair ? Rollout.Purpose.repair : purpose
        let rollout = Rollout(plan, purpose: purpose)
        let id = parts.journal.nextReconcileID()
        // An event that only says that something changed may find a commit to be carried out.
        let isDrift = plan.isRepair && plan.hasDrift
        let trigger = isDrift ? Trigger.drift : call.trigger == .drift ? .poll : call.trigger
        let now = WallClock.now()
        let head = call.snapshot.revision
        let revision = plan.commit == head.commit ? head : try? await parts.source.revision(plan.commit)
        record.openReconcile = id
        record.lastReconcile = id
        record.commit = head.commit
        record.tag = head.tag
        // Nothing is done before the first step's intent, so both are brought to the disk together.
        try await save(
            (record.running == target.input.id ? [] : [.input(environment: name, target)]) + [
                .begin(
                    ReconcileRecord(
                        id: id, environment: name, commit: plan.commit, tag: revision?.tag, trigger: trigger,
                        outcome: nil,
                        reason: "",
                        author: revision?.author ?? "", subject: revision?.subject ?? "", startedAt: now,
                        finishedAt: nil,
                        input: plan.input, problems: [], gates: plan.gates,
                        notes: plan.notes + (revision?.recordedNotes ?? [])),
                    changes: plan.changes, steps: plan.steps, rollout: RolloutText.write(rollout.stored))
            ] + scaling.writes(name), staged: true)
        parts.emit(
            EngineEvent(
                .planned, environment: name, reconcile: id,
                text: Plural.count(plan.changes.count, "change") + ", " + Plural.count(plan.steps.count, "step")))
        return try await execute(rollout, id: id, target: target, call)
    }

    /// Reads what git wants, from memory or the record where nothing that decides it differs.
    private func want(_ snapshot: Snapshot) async -> Wanted {
        if let paths = snapshot.duplicates[name] {
            let problems = paths.map {
                Problem(
                    file: snapshot.tree.prefix + $0 + "/environment.yaml",
                    message: "two folders are named \(name): \(paths.joined(separator: ", ")); rename one")
            }
            return .broken(record.input ?? Input(tree: "", paths: [:]), problems)
        }
        guard let folder = snapshot.folders[name] else { return .gone }
        if let cached, snapshot.isUnchanged(cached.input, of: name) {
            return .desired(keep(cached, at: snapshot.revision.commit))
        }
        record.folder = folder.path
        if let input = record.input, record.problems.isEmpty, snapshot.isUnchanged(input, of: name) {
            if let stored = try? await parts.store.input(name, input.id) {
                if record.running == input.id { reached = stored.desired }
                return .desired(keep(stored.desired, at: snapshot.revision.commit))
            }
        }
        do {
            let (loaded, parsed) = try await parts.loader.load(
                folder, in: snapshot.tree, commit: snapshot.revision.commit, defaults: snapshot.defaults,
                cache: manifests)
            manifests = parsed
            switch loaded {
            case .broken(let input, let problems): return .broken(input, problems)
            case .desired(var desired):
                if let cached { desired.share(cached) }
                return .desired(keep(desired, at: snapshot.revision.commit))
            }
        } catch {
            return .unreadable("its manifests cannot be read: \(error); nothing was touched")
        }
    }

    /// Keeps what is wanted for the next pass. It was decided by the same content at an earlier commit, maybe.
    private func keep(_ desired: Desired, at commit: String) -> Desired {
        var desired = desired
        desired.commit = commit
        cached = desired
        return desired
    }

    /// What the environment was last brought to, for the order in which deleted workloads go.
    private func previousEnvironment() async throws(StoreError) -> Environment? {
        guard let running = record.running else { return nil }
        if let cached, cached.input.id == running { return cached.environment }
        return try await parts.store.input(name, running)?.desired.environment
    }

    private func write(inventory comparison: Comparison) async throws(StoreError) {
        let writes =
            comparison.adopted.map { JournalWrite.instance(environment: name, $0) }
            + comparison.vanished.map {
                .removeInstance(environment: name, instance: $0.instance, driver: $0.deployable.driver)
            }
        if !writes.isEmpty { try await parts.journal.commit(writes) }
    }

    func untouched(_ plan: Plan) -> String? {
        guard !plan.untouched.isEmpty else { return nil }
        let all = plan.untouched.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return "left alone: " + all.prefix(5).joined(separator: "; ") + (all.count > 5 ? "; …" : "")
    }

    /// Hosts that are left alone while all others are as they should be; nil where there are none.
    func outOfReach(_ plan: Plan, _ lost: [String: String] = [:]) -> String? {
        let all = (plan.unreachable ?? [:]).merging(lost) { first, _ in first }.sorted { $0.key < $1.key }
        guard !all.isEmpty else { return nil }
        let names = all.prefix(5).map { "\($0.key): \($0.value)" }.joined(separator: "; ")
        let more = all.count > 5 ? "; and \(all.count - 5) more" : ""
        return "out of reach and caught up later: " + names + more
    }

    /// What only instances run that are out of reach is not known to be good.
    func good(_ target: Desired, but missing: Set<String> = []) -> [JournalWrite] {
        let isRecorded = record.running == target.input.id && reached?.isSame(as: target) == true
        record.running = target.input.id
        reached = target
        let there = target.deployables.filter { !missing.contains($0.key) }
        let digests = Set(there.values.map(\.digest)).sorted { $0.hex < $1.hex }
        // The loop wants the same from now on as a process that reads the record.
        if let commit = cached?.commit, cached?.input.id == target.input.id {
            cached = target
            cached?.commit = commit
        }
        let means: [JournalWrite] =
            isRecorded ? [] : [.input(environment: name, target), .reached(environment: name, target)]
        return means + [.good(environment: name, input: target.input.id, digests: digests, at: WallClock.now())]
    }
}

extension Plan {
    /// The gates that keep all of it from being done.
    fileprivate var blocking: [Gate] { gates.filter { $0.state == .waiting && $0.name != "drift" } }

    fileprivate var isBlocked: Bool { !blocking.isEmpty }
}

/// What git says of one environment.
enum Wanted: Sendable {
    case desired(Desired)
    case broken(Input, [Problem])
    case unreadable(String)
    /// Its folder is not there any more.
    case gone
}
