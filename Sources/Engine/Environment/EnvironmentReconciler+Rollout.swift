import History
import Model
import Planning
import Processes

/// Running a rollout to its end, and going on with one that an earlier process, a pause or a full disk left open.
extension EnvironmentReconciler {
    /// Goes on with the open rollout if it still leads where the environment shall go; closes it as superseded if not.
    /// Nil where there is none, or where the pass has to plan anew.
    func recover(_ wanted: Wanted, _ call: PassCall) async throws(StoreError) -> EnvironmentReport? {
        guard let id = record.openReconcile else { return nil }
        guard let text = try await parts.store.rollout(id), let stored = RolloutText.read(text) else {
            try await close(id, reason: "its stored plan cannot be read any more")
            return nil
        }
        let steps = try await parts.store.steps(id)
        var rollout = Rollout(
            stored, states: Dictionary(steps.map { ($0.id, $0.state) }, uniquingKeysWith: { first, _ in first }))
        guard let target = try await target(of: rollout, wanted) else {
            let newer = call.snapshot.revision.short
            try await close(id, reason: "commit \(newer) changed what is wanted")
            parts.emit(
                EngineEvent(
                    .outcome, environment: name, reconcile: id, outcome: .superseded, text: "a newer input takes over"))
            return nil
        }
        let asked = Dictionary(
            steps.compactMap { step in (step.healthySince ?? unasked(step, rollout)).map { (step.id, $0) } },
            uniquingKeysWith: { first, _ in first })
        let recorded = try await parts.store.instances(name).map(\.deployable)
        await parts.drivers.prepare(recorded + target.deployables.values + rollout.deployables.values, of: name)
        let (writes, doubt) = await settle(&rollout, target: target)
        if let doubt {
            return try await conclude(.error, doubt, call, reconcile: id)
        }
        if let reason = record.abort {
            _ = rollout.advance(.halt(.failed(Failure(.aborted, reason: reason))))
            record.abort = nil
            // The failure takes the place of what was asked, or neither is recorded.
            try await save(writes + [.rollout(reconcile: id, RolloutText.write(rollout.stored))])
        } else {
            if !writes.isEmpty { try await parts.journal.commit(writes) }
            let state = rollout.state
            await keepRoutes(of: &rollout, target: target)
            if rollout.state != state {
                try await parts.journal.commit([.rollout(reconcile: id, RolloutText.write(rollout.stored))])
            }
            if let pause = record.pause {
                return try await conclude(
                    .paused, "\(pause.reason); `reconcile resume \(name)` goes on", call, plan: rollout.plan,
                    reconcile: id)
            }
        }
        return try await execute(rollout, id: id, target: target, since: asked, call)
    }

    /// A balancer may have forgotten meanwhile what it was told, such as in a reload: it is told again what holds, which
    /// changes nothing where it still does so. What cannot be done now is left to the next shift, and so is all of it on the
    /// way back. What people ask meanwhile ends it.
    private func keepRoutes(of rollout: inout Rollout, target: Desired) async {
        let shifts = rollout.shiftsInForce
        guard let id = record.openReconcile, rollout.failure == nil, !rollout.isFailing, !shifts.isEmpty else { return }
        let job = RolloutJob(
            reconcile: id, environment: name, began: WallClock.now(), desired: target, good: nil,
            asksHealth: { _ in false })
        let once = StopFlag()
        once.set(true)
        let runner = parts.executor.runner
        let going = rollout
        let work = Task {
            for shift in shifts where !Task.isCancelled {
                _ = await runner.shift(shift.step, shift.routing, job.context(for: shift.step, of: going, once))
            }
        }
        let heard = Inbox<RolloutState.Halt?>()
        line.listen { halt in
            guard let halt else { return }
            heard.put(halt)
            work.cancel()
        }
        await work.value
        line.listen(nil)
        heard.put(nil)
        for halt in await heard.take() {
            switch halt {
            case .failed?, .superseded?:
                if let halt { _ = rollout.advance(.halt(halt)) }
            // A pause is recorded, and the end of the process is told again to whoever listens next.
            case .paused?, .ending?, .waiting?, nil: break
            }
        }
    }

    /// When a wait began that asks nothing, or watches for a while: all of the time since then counts.
    private func unasked(_ step: StepRecord, _ rollout: Rollout) -> Timestamp? {
        switch step.step.act {
        case .pause, .monitor: return step.startedAt
        case .waitHealthy(let id, _, _):
            guard let deployable = rollout.deployables[id], !parts.drivers.asksHealth(deployable) else { return nil }
            return step.startedAt
        case .start, .stop, .smokeTest, .preview, .shiftTraffic, .approve: return nil
        }
    }

    /// What an open rollout leads to, if that is still what is wanted.
    private func target(of rollout: Rollout, _ wanted: Wanted) async throws(StoreError) -> Desired? {
        let input = rollout.plan.input
        if rollout.purpose == .rollback { return try await parts.store.input(name, input)?.desired }
        guard case .desired(let desired) = wanted else { return nil }
        if let hold = record.hold, !isOutlived(hold, by: desired) {
            guard hold.target == input else { return nil }
            return try await parts.store.input(name, input)?.desired
        }
        return desired.input.id == input ? desired : nil
    }

    /// Finds out by observing what became of steps whose outcome was not recorded. Gives back what cannot be found out.
    private func settle(
        _ rollout: inout Rollout, target: Desired
    ) async -> (writes: [JournalWrite], doubt: String?) {
        guard let id = record.openReconcile else { return ([], nil) }
        let job = RolloutJob(
            reconcile: id, environment: name, began: WallClock.now(), desired: target, good: nil,
            asksHealth: { _ in false })
        var writes: [JournalWrite] = []
        for step in rollout.underWay {
            guard step.kind == .start || step.kind == .stop else {
                _ = rollout.advance(.settled(step.id, isDone: false))
                continue
            }
            let seen = await parts.executor.runner.observe(
                step, job.context(for: step, of: rollout, StopFlag()))
            let isDone: Bool
            switch (step.act, seen) {
            case (_, .unknown(let reason)):
                _ = rollout.advance(.unseen(step.id, reason: reason))
                if rollout.states[step.id] == .failed {
                    writes += [
                        .step(
                            reconcile: id, id: step.id, state: .failed, at: WallClock.now(),
                            detail: "out of reach after a restart: \(reason)"),
                        .rollout(reconcile: id, RolloutText.write(rollout.stored)),
                    ]
                    continue
                }
                return (writes, "\(step.instance ?? "?") could not be seen, so reconcile \(id) cannot go on: \(reason)")
            case (.start(let deployable), .running(let text)):
                isDone = text == rollout.deployables[deployable]?.digest.hex
            case (.stop, .absent): isDone = true
            default: isDone = false
            }
            _ = rollout.advance(.settled(step.id, isDone: isDone))
            if isDone { writes += job.inventory(after: step, of: rollout) }
            writes.append(
                .step(
                    reconcile: id, id: step.id, state: isDone ? .done : .planned, at: WallClock.now(),
                    detail: isDone ? "seen to be done after a restart" : "repeated after a restart"))
        }
        return (writes, nil)
    }

    /// Ends an open rollout that is not gone on with. What became of its acts under way is for the next plan to see.
    func close(_ id: Int, reason: String) async throws(StoreError) {
        let now = WallClock.now()
        record.openReconcile = nil
        record.abort = nil
        record.outcome = .superseded
        var writes: [JournalWrite] = []
        for step in try await parts.store.steps(id) where step.state == .planned || step.state == .running {
            let wasActing = step.state == .running && !step.step.isWait
            writes.append(
                .step(
                    reconcile: id, id: step.id, state: wasActing ? .failed : .skipped, at: now,
                    detail: wasActing ? "interrupted; what became of it is observed anew" : nil))
        }
        writes.append(.end(reconcile: id, outcome: .superseded, reason: reason, at: now))
        try await save(writes)
    }

    /// Runs a rollout until it ends or is suspended, and records what came of it.
    func execute(
        _ rollout: Rollout, id: Int, target: Desired, since: [Int: Timestamp] = [:], _ call: PassCall
    ) async throws(StoreError) -> EnvironmentReport {
        var rollout = rollout
        // Only a deployment is ever undone.
        let (good, refusal) = rollout.purpose == .deploy ? try await wayBack(of: rollout, call) : (nil, nil)
        let drivers = parts.drivers
        let job = RolloutJob(
            reconcile: id, environment: name, began: WallClock.now(), desired: target, good: good, noWayBack: refusal,
            realPaths: await RealPaths.all(rollout.blocks(and: good)), since: since,
            asksHealth: { drivers.asksHealth($0) })
        underWay = rollout.purpose
        defer { underWay = nil }
        var ending = try await parts.executor.run(&rollout, job, line: line)
        // Between its last look and here somebody may have decided, and nobody listened any more.
        while case .suspended(.waiting) = ending, record.pause == nil, !line.isEnding,
            try await isDecided(rollout, id)
        {
            ending = try await parts.executor.run(&rollout, job, line: line)
        }
        switch ending {
        case .suspended(.paused(let reason)):
            return try await conclude(
                .paused, "\(reason); `reconcile resume \(name)` goes on", call, plan: rollout.plan, reconcile: id)
        case .suspended(.waiting(let gate)):
            return try await wait(for: gate, rollout, id, call)
        case .suspended:
            let reason = "stopped at a step boundary; the next pass goes on with reconcile \(id)"
            return report(.waiting, reason, plan: rollout.plan, steps: rollout.steps, reconcile: id)
        case .ended(let outcome, let reason, let writes):
            return try await finish(rollout, outcome, reason, job, writes, call)
        }
    }

    /// Whether a person has said something to a step that still waits for it.
    private func isDecided(_ rollout: Rollout, _ id: Int) async throws(StoreError) -> Bool {
        let decided = try await parts.store.decisions(id)
        let plan = rollout.plan.digest
        return rollout.steps.contains {
            $0.kind == .approve && rollout.states[$0.id] == .planned && decided[$0.id]?.plan == plan
        }
    }

    /// The rollout stays open until what it waits for has come.
    private func wait(
        for gate: Gate, _ rollout: Rollout, _ id: Int, _ call: PassCall
    ) async throws(StoreError) -> EnvironmentReport {
        var gate = gate
        if gate.name == Gate.approval {
            let plan = rollout.plan.digest.short
            gate.reason +=
                ": `reconcile approve \(name) --plan \(plan)` or `reconcile reject \(name) --plan \(plan)`"
        }
        var plan = rollout.plan
        plan.gates.append(gate)
        return try await conclude(.waiting, gate.reason, call, plan: plan, steps: rollout.steps, reconcile: id)
    }

    private func finish(
        _ rollout: Rollout, _ outcome: Outcome, _ reason: String, _ job: RolloutJob, _ closing: [JournalWrite],
        _ call: PassCall
    ) async throws(StoreError) -> EnvironmentReport {
        let reached = job.desired.pinned(by: try await parts.store.instances(name)).pinned(by: rollout)
        record.openReconcile = nil
        record.abort = nil
        let plan = rollout.plan
        var outcome = outcome
        var reason = reason
        var writes: [JournalWrite] = []
        let actions = plan.changes.map { $0.because ?? "\($0.action.rawValue) \($0.workload)" }
        let done =
            actions.prefix(3).joined(separator: ", ") + (actions.count > 3 ? " and \(actions.count - 3) more" : "")
        switch (outcome, rollout.purpose) {
        case (.applied, _):
            record.driftFailures = 0
            if let untouched = untouched(plan) {
                (outcome, reason) = (.error, "\(done); \(untouched)")
            } else if let missing = outOfReach(plan, rollout.lost) {
                let hold = record.hold.map { "\($0.reason); drift repaired: " } ?? ""
                (outcome, reason) = (.error, "\(hold)\(done); \(missing)")
                // What all others reached is good: there must be a way back although a host is missing.
                writes = good(reached, but: Set((plan.unreachable ?? [:]).keys).union(rollout.lost.keys))
            } else if let hold = record.hold {
                (outcome, reason) = (.held, "\(hold.reason); drift repaired: \(done)")
                writes = good(reached)
            } else {
                reason = (rollout.purpose == .repair && plan.hasDrift ? "drift repaired: " : "") + done
                writes = good(reached)
            }
            if plan.changes.contains(where: { $0.because != nil }) { writes.append(.scaled(environment: name)) }
            if let gate = plan.gates.first(where: { $0.state == .waiting }) { reason += "; \(gate.reason)" }
        case (.rolledBack, .rollback):
            writes = good(reached)
            pin(job.desired)
            reason = "rolled back by hand to \(job.desired.commit.prefix(10)); pinned until `reconcile resume \(name)`"
            if let missing = outOfReach(plan, rollout.lost) { (outcome, reason) = (.error, "\(reason); \(missing)") }
        case (.rolledBack, _):
            record.running = job.good?.input.id
            hold(.failed, reason: reason, input: plan.input, target: job.good?.input.id)
        case (.failed, .repair):
            record.driftFailures += 1
            guard record.driftFailures >= Self.driftTries else { break }
            let work = plan.hasDrift ? "drift could not be repaired" : "it could not be scaled"
            let sentence = "\(work) \(record.driftFailures) times: \(reason)"
            if record.hold == nil {
                hold(.drift, reason: sentence, input: plan.input, target: nil)
            } else {
                record.hold?.target = nil
                record.hold?.reason += "; \(sentence); left as it is"
            }
        case (.failed, .rollback):
            pin(job.desired)
        case (.failed, .deploy):
            if rollout.failure == nil && job.desired.environment.policy.onFailure == .pause {
                record.pause = Pause(reason: "paused after a failure: \(reason)", since: WallClock.now())
            } else {
                hold(.failed, reason: reason, input: plan.input, target: job.good?.input.id)
            }
        default: break
        }
        return try await conclude(
            outcome, reason, call, plan: plan, steps: rollout.steps, reconcile: job.reconcile,
            writes: closing + writes)
    }
}

extension Gate {
    /// A person has to agree.
    static let approval = "approval"

    /// Whether a step of a rollout waits at it.
    var isOfRollout: Bool {
        state == .waiting && step != nil
    }
}
