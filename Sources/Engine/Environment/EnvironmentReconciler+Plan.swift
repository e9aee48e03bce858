import DriverKit
import History
import Model
import Planning
import Processes

/// The second half of a pass: a target is looked at, compared and gone to.
extension EnvironmentReconciler {
    /// Observes, compares, and carries out what differs.
    func plan(
        for target: Desired, purpose: Rollout.Purpose, _ call: PassCall
    ) async throws(StoreError) -> EnvironmentReport {
        if let report = try await refuse(target, purpose, call) { return report }
        let circumstances = try await parts.observer.circumstances(
            Observer.Look(
                target: target, record: record, previous: try await previousEnvironment(),
                trustsRecord: call.trustsRecord, allowDelete: call.allowDelete), store: parts.store)
        return try await act(on: circumstances, purpose: purpose, call)
    }

    private func refuse(
        _ target: Desired, _ purpose: Rollout.Purpose, _ call: PassCall
    ) async throws(StoreError) -> EnvironmentReport? {
        guard let refusal = try await refusal(of: target, purpose, call) else { return nil }
        return try await conclude(.error, refusal.reason, call, problems: refusal.problems)
    }

    /// Compares what was observed, and carries out what differs.
    private func act(
        on circumstances: Circumstances, purpose: Rollout.Purpose, _ call: PassCall
    ) async throws(StoreError) -> EnvironmentReport {
        let drivers = parts.drivers
        var circumstances = circumstances
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
        return try await settle(
            target, purpose: purpose, plan: plan, scaling, hasUnsettled: circumstances.unsettled != nil, call)
    }

    /// Nothing differs: what is wanted runs.
    private func settle(
        _ target: Desired, purpose: Rollout.Purpose, plan: Plan, _ scaling: Scaling, hasUnsettled: Bool,
        _ call: PassCall
    ) async throws(StoreError) -> EnvironmentReport {
        record.driftFailures = 0
        var writes: [JournalWrite] = []
        if record.running != target.input.id { writes = good(target) }
        if hasUnsettled { writes.append(.settled(environment: name)) }
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
        let staged = try stage(
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
            ] + scaling.writes(name))
        parts.emit(
            EngineEvent(
                .planned, environment: name, reconcile: id,
                text: Plural.count(plan.changes.count, "change") + ", " + Plural.count(plan.steps.count, "step")))
        do throws(StoreError) {
            return try await execute(rollout, id: id, target: target, call)
        } catch {
            // Where it was lost with what another one recorded, ours only found nothing there.
            throw staged.failure ?? error
        }
    }

    private func write(inventory comparison: Comparison) async throws(StoreError) {
        let writes =
            comparison.adopted.map { JournalWrite.instance(environment: name, $0) }
            + comparison.vanished.map {
                .removeInstance(environment: name, instance: $0.instance, driver: $0.deployable.driver)
            }
        if !writes.isEmpty { try await parts.journal.commit(writes) }
    }
}

extension Plan {
    /// The gates that keep all of it from being done.
    fileprivate var blocking: [Gate] { gates.filter { $0.state == .waiting && $0.name != "drift" } }

    fileprivate var isBlocked: Bool { !blocking.isEmpty }
}
