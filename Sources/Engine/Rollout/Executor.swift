import History
import Model
import Planning
import Processes

/// Drives one rollout: journals every intent before its act and every outcome after it, and carries out what the
/// transition function says. Starting and recovering are the same: a rollout that was journaled goes on here.
struct Executor: Sendable {
    /// How a run of the rollout ended.
    enum Ending: Sendable {
        /// What is left to record is recorded together with what the end means for the environment.
        case ended(Outcome, reason: String, [JournalWrite])
        /// It goes on another time.
        case suspended(RolloutState.Halt)
    }

    let store: Store
    let journal: Journal
    let runner: StepRunner
    /// Bounds how many acts are under way together.
    let acts: Slots
    let emit: EventSink

    /// Runs until the rollout ends or is suspended. Throws where the journal cannot be written: nothing more is begun
    /// then, and what was under way is settled by observing when the rollout goes on.
    func run(_ rollout: inout Rollout, _ job: RolloutJob, line: HaltLine) async throws(StoreError) -> Ending {
        let inbox = Inbox<Report>()
        let stop = StopFlag()
        line.listen { inbox.put($0.map { .halt($0) } ?? .look) }
        let timers = [RolloutState.Direction.forward, .back].map { direction in
            Alarm(job.deadline(direction, of: rollout)) { inbox.put(.deadline(direction)) }
        }
        var tasks: [Int: Task<Void, Never>] = [:]
        // Steps that were looking when what they wait for may have come: they may have looked too early.
        var looking: Set<Int> = []
        var writes: [JournalWrite] = []
        var effects = rollout.advance(.resume)
        let result: Result<Ending, StoreError>
        do throws(StoreError) {
            while true {
                effects = try await chooseRetreat(effects, &writes, &rollout, job)
                if let ending = try await ending(of: effects, rollout, job, writes) {
                    for task in tasks.values { await task.value }
                    result = .success(ending)
                    break
                }
                let now = WallClock.now()
                // What needs no turn begins with the record of what let it begin.
                for case .run(let step) in effects where !Self.takesTurn(step) {
                    writes.append(Self.begun(step, job, now))
                }
                if !writes.isEmpty { try await journal.commit(writes) }
                for effect in effects {
                    switch effect {
                    case .run(let step):
                        let journal = journal
                        let tell: @Sendable (String) -> Void = { self.tell(step, .running, $0, job, .progress) }
                        let plan = rollout.plan
                        var context = job.context(
                            for: step, of: rollout, stop, tell: tell,
                            decision: {
                                // An approval of another plan is none of this one.
                                (try? await store.decision(job.reconcile, step: step.id)).flatMap {
                                    $0.plan == plan.digest ? $0 : nil
                                }
                            },
                            measured: MeasurementLog(store, journal, reconcile: job.reconcile, step: step.id),
                            note: { since in
                                // Where this cannot be recorded, the wait begins anew after a restart.
                                try? await journal.commit([
                                    .healthy(reconcile: job.reconcile, step: step.id, since: since)
                                ])
                            })
                        context.began = now
                        tasks[step.id] = Task { [context] in inbox.put(await perform(step, context, job)) }
                    case .cut(let id): tasks[id]?.cancel()
                    case .chooseRetreat, .suspend, .end: break
                    }
                }
                effects = []
                writes = []
                let before = (rollout.state, rollout.lost.count)
                for report in await inbox.take() {
                    switch report {
                    case .broken(let error): throw error
                    case .look:
                        guard case .going = rollout.state else { continue }
                        looking.formUnion(rollout.underWay.filter { $0.kind == .approve }.map(\.id))
                        effects += rollout.advance(.resume)
                    case .result(let step, let result):
                        tasks[step.id] = nil
                        if looking.remove(step.id) != nil, case .waiting = result.ending {
                            effects += rollout.advance(.cut(step.id))
                            continue
                        }
                        effects += rollout.advance(result.event(of: step))
                        writes += record(step, result, rollout, job)
                    case .halt(let halt):
                        effects += rollout.advance(.halt(halt))
                        if case .failed = halt { for task in tasks.values { task.cancel() } }
                    case .deadline(let direction):
                        guard case .going(direction) = rollout.state else { continue }
                        effects += rollout.advance(.halt(.failed(job.late(direction))))
                        for task in tasks.values { task.cancel() }
                    }
                }
                // A step's failure and what it means for the rollout are recorded together, or neither is.
                if before != (rollout.state, rollout.lost.count) {
                    writes.append(.rollout(reconcile: job.reconcile, RolloutText.write(rollout.stored)))
                }
                if case .halting = rollout.state { stop.set(true) } else { stop.set(false) }
            }
        } catch {
            for task in tasks.values { task.cancel() }
            for task in tasks.values { await task.value }
            result = .failure(error)
        }
        for timer in timers { timer.cancel() }
        line.listen(nil)
        return try result.get()
    }

    private enum Report: Sendable {
        case result(Step, StepResult)
        case halt(RolloutState.Halt)
        /// What a step waits for may have come.
        case look
        case deadline(RolloutState.Direction)
        case broken(StoreError)
    }

    private func ending(
        of effects: [Rollout.Effect], _ rollout: Rollout, _ job: RolloutJob, _ writes: [JournalWrite]
    ) async throws(StoreError) -> Ending? {
        for effect in effects {
            switch effect {
            case .end(let outcome, let reason):
                return .ended(outcome, reason: reason, writes + closing(rollout, job))
            case .suspend(let halt):
                try await journal.commit(writes + closing(rollout, job))
                return .suspended(halt)
            case .run, .cut, .chooseRetreat: break
            }
        }
        return nil
    }

    /// Answers the rollout's question for the way back, where it asks.
    private func chooseRetreat(
        _ effects: [Rollout.Effect], _ writes: inout [JournalWrite], _ rollout: inout Rollout, _ job: RolloutJob
    ) async throws(StoreError) -> [Rollout.Effect] {
        for case .chooseRetreat(let failure) in effects {
            let (event, more) = job.chooseRetreat(rollout, failure)
            if case .retreat(let steps, _) = event { writes.append(.addSteps(reconcile: job.reconcile, steps)) }
            let next = rollout.advance(event)
            writes += more
            writes.append(.rollout(reconcile: job.reconcile, RolloutText.write(rollout.stored)))
            return next
        }
        return effects
    }

    /// What is recorded when nothing is under way any more.
    private func closing(_ rollout: Rollout, _ job: RolloutJob) -> [JournalWrite] {
        let now = WallClock.now()
        let skipped = rollout.steps.filter { rollout.states[$0.id] == .skipped }.map {
            JournalWrite.step(reconcile: job.reconcile, id: $0.id, state: .skipped, at: now, detail: nil)
        }
        return skipped + [.rollout(reconcile: job.reconcile, RolloutText.write(rollout.stored))]
    }

    /// Starts and stops wait for their turn; all else, which mostly waits, does not.
    private static func takesTurn(_ step: Step) -> Bool { step.kind == .start || step.kind == .stop }

    private static func begun(_ step: Step, _ job: RolloutJob, _ now: Timestamp) -> JournalWrite {
        .step(reconcile: job.reconcile, id: step.id, state: .running, at: now, detail: nil)
    }

    private func perform(_ step: Step, _ context: StepRunner.Context, _ job: RolloutJob) async -> Report {
        guard Self.takesTurn(step) else { return await carryOut(step, context, job) }
        return await acts.with { await attempt(step, context, job) }
    }

    /// The intent is journaled when the turn has come.
    private func attempt(_ step: Step, _ context: StepRunner.Context, _ job: RolloutJob) async -> Report {
        if Task.isCancelled { return .result(step, StepResult(ending: .cut, detail: nil, commands: [])) }
        var context = context
        context.began = WallClock.now()
        var writes = [Self.begun(step, job, context.began)]
        if case .start(let id) = step.act, let deployable = context.deployables[id] {
            do throws(StoreError) {
                context.recorded = try await store.instance(
                    job.environment, step.instance ?? "", driver: deployable.driver)
            } catch {
                return .broken(error)
            }
            context.recorded = job.before(context.recorded, step, deployable)
            let record = step.record(deployable, commit: context.commit, digest: nil)
            writes.append(.instance(environment: job.environment, record))
        }
        do throws(StoreError) { try await journal.commit(writes) } catch { return .broken(error) }
        return await carryOut(step, context, job)
    }

    private func carryOut(_ step: Step, _ context: StepRunner.Context, _ job: RolloutJob) async -> Report {
        if Task.isCancelled { return .result(step, StepResult(ending: .cut, detail: nil, commands: [])) }
        tell(step, .running, step.text, job)
        return .result(step, await patiently(step, context))
    }

    /// Runs a step within its workload's progress deadline.
    private func patiently(_ step: Step, _ context: StepRunner.Context) async -> StepResult {
        guard let patience = step.progressDeadline else { return await runner.run(step, context) }
        let work = Task { await runner.run(step, context) }
        let timer = Alarm(context.began + patience) { work.cancel() }
        var result = await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            work.cancel()
        }
        timer.cancel()
        if case .cut = result.ending {
            if !Task.isCancelled {
                let reason = "\(step.workload ?? "it") made no progress for \(patience): \(step.text)"
                result.ending = .failed(Failure(.deadline, workload: step.workload, reason: reason))
                result.detail = reason
            } else if !step.isWait {
                let failure = Failure(.aborted, workload: step.workload, reason: "stopped in the middle: \(step.text)")
                result.ending = .failed(failure)
                result.detail = failure.reason
            }
        }
        return result
    }

    /// What a result leaves in the record. A wait that was cut short stays as it was begun: what elapsed counts.
    private func record(_ step: Step, _ result: StepResult, _ rollout: Rollout, _ job: RolloutJob) -> [JournalWrite] {
        let now = WallClock.now()
        guard let state = rollout.states[step.id], !(step.isWait && state == .planned) else { return [] }
        var writes: [JournalWrite] = []
        if state == .done { writes += job.inventory(after: step, of: rollout) }
        if let traffic = result.traffic, let workload = step.workload {
            writes.append(
                .traffic(
                    environment: job.environment, workload: workload, traffic.records, isWhole: traffic.isWhole))
        }
        writes.append(.step(reconcile: job.reconcile, id: step.id, state: state, at: now, detail: result.detail))
        for command in result.commands where !command.output.isEmpty || state == .failed {
            writes.append(.output(reconcile: job.reconcile, step: step.id, command, at: now))
        }
        tell(step, state, result.detail ?? step.text, job)
        return writes
    }

    private func tell(
        _ step: Step, _ state: Step.State, _ text: String, _ job: RolloutJob, _ kind: EngineEvent.Kind = .step
    ) {
        emit(
            EngineEvent(
                kind, environment: job.environment, reconcile: job.reconcile, step: step, state: state, text: text))
    }
}

extension StepResult {
    fileprivate func event(of step: Step) -> Rollout.Event {
        switch ending {
        case .done: .done(step.id)
        case .failed(let failure): .failed(step.id, failure)
        case .cut: .cut(step.id)
        case .waiting(let reason):
            .waiting(
                step.id,
                Gate(
                    name: step.kind == .approve ? Gate.approval : step.kind.rawValue, state: .waiting, reason: reason,
                    step: step.id))
        }
    }
}
