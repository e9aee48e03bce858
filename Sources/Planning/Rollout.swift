import Model

/// One rollout: its steps, how far each is, and the one function that moves it on.
///
/// `advance` is pure. Whoever drives it journals the new state, carries out the effects, and reports back what
/// happened as the next event.
package struct Rollout: Sendable {
    /// What it is for; decides what its end is called and whether a failure is undone.
    package enum Purpose: String, Hashable, Sendable, Codable {
        /// Git changed.
        case deploy
        /// Only drift is repaired: a failure undoes nothing.
        case repair
        /// A person asked to go back: a failure undoes nothing.
        case rollback
    }

    /// What happened.
    package enum Event: Hashable, Sendable {
        /// Begin, or go on after a halt or a restart.
        case resume
        case done(Int)
        case failed(Int, Failure)
        /// A wait was cut short; it counts as not begun.
        case cut(Int)
        /// A step cannot go on before a person or data has come: the gate says which. It counts as not begun.
        case waiting(Int, Gate)
        /// After a restart: a step whose outcome was not recorded turned out to be done, or not.
        case settled(Int, isDone: Bool)
        /// After a restart: a step whose outcome was not recorded cannot be seen. Where its instance may not be given up,
        /// nothing changes.
        case unseen(Int, reason: String)
        /// Begin no further step.
        case halt(RolloutState.Halt)
        /// The way back was chosen.
        case retreat([Step], [Digest: Deployable])
        /// There is no way back; the reason is one sentence.
        case noRetreat(String)
    }

    /// What is to be done about it.
    package enum Effect: Hashable, Sendable {
        case run(Step)
        /// End a wait that is under way.
        case cut(Int)
        /// Choose the way back, or none.
        case chooseRetreat(Failure)
        /// Nothing is under way; it goes on another time.
        case suspend(RolloutState.Halt)
        case end(Outcome, reason: String)
    }

    /// What it is for.
    package let purpose: Purpose
    /// Where it goes, and what was planned first.
    package let plan: Plan
    /// The plan's steps and, after them, the way back.
    package private(set) var steps: [Step]
    /// What the steps refer to.
    package private(set) var deployables: [Digest: Deployable]
    /// How far each step is, by id.
    package private(set) var states: [Int: Step.State]
    /// Where its life is.
    package private(set) var state: RolloutState
    /// Why it was turned back; nil while it goes forward.
    package private(set) var failure: Failure?

    /// Instances that got out of reach on this way and were given up, each with the reason.
    package private(set) var lost: [String: String] = [:]

    private var blockers: [Int: Int] = [:]
    private var dependants: [Int: [Int]] = [:]
    private var rows: [Int: TurnRow] = [:]
    private var running: Set<Int> = []
    /// Planned steps that were begun and wait for something from outside: what for.
    private var gates: [Int: Gate] = [:]
    private var open = 0

    /// A rollout that has not begun.
    package init(_ plan: Plan, purpose: Purpose) {
        self.init(
            Stored(
                purpose: purpose, plan: plan, added: [], addedDeployables: [:], state: .going(.forward), failure: nil),
            states: [:])
    }

    /// A rollout as it was journaled; steps without a state are planned.
    package init(_ stored: Stored, states: [Int: Step.State]) {
        purpose = stored.purpose
        plan = stored.plan
        steps = stored.plan.steps
        deployables = stored.plan.deployables
        self.states = [:]
        state = stored.state
        failure = stored.failure
        lost = stored.lost ?? [:]
        add(steps, states: states)
        // What was left of the way forward when it turned back is recorded as skipped only at the end.
        if failure != nil { skipPlanned() }
        append(stored.added, stored.addedDeployables, states: states)
    }

    /// What is journaled of it besides the states of its steps.
    package struct Stored: Hashable, Sendable, Codable {
        var purpose: Purpose
        var plan: Plan
        var added: [Step]
        var addedDeployables: [Digest: Deployable]
        var state: RolloutState
        var failure: Failure?
        /// Nil where there are none.
        var lost: [String: String]?
    }

    /// What is journaled of it besides the states of its steps.
    package var stored: Stored {
        Stored(
            purpose: purpose, plan: plan, added: Array(steps.dropFirst(plan.steps.count)),
            addedDeployables: deployables.filter { plan.deployables[$0.key] == nil }, state: state, failure: failure,
            lost: lost.isEmpty ? nil : lost)
    }

    /// Steps whose outcome is not known: after a restart each must be settled before anything else.
    package var underWay: [Step] { steps.filter { running.contains($0.id) } }

    private mutating func append(
        _ more: [Step], _ moreDeployables: [Digest: Deployable], states: [Int: Step.State] = [:]
    ) {
        steps += more
        deployables.merge(moreDeployables) { first, _ in first }
        add(more, states: states)
    }

    private mutating func add(_ more: [Step], states known: [Int: Step.State]) {
        for step in more {
            let state = known[step.id] ?? .planned
            states[step.id] = state
            if state == .running { running.insert(step.id) }
            if state == .planned || state == .running { open += 1 }
            let waitsFor = step.after.filter { states[$0] != .done && !isPassed($0) }
            blockers[step.id] = waitsFor.count
            for id in waitsFor { dependants[id, default: []].append(step.id) }
            if let turn = step.begins {
                rows[turn.row, default: TurnRow(together: turn.together)].add(step.id)
                if state != .planned { rows[turn.row]?.begin() }
            }
            if let row = step.ends, state == .done || isPassed(step.id) { rows[row]?.end() }
        }
    }
}

extension Rollout {
    /// The transition function: every state meets every event. What makes no sense where it stands changes nothing.
    package mutating func advance(_ event: Event) -> [Effect] {
        switch (state, event) {
        case (.ended(let outcome, let reason), .resume):
            return [.end(outcome, reason: reason)]
        case (.ended, _):
            return []
        case (_, .settled(let id, let isDone)):
            guard running.contains(id) else { return [] }
            if isDone { finish(id) } else { set(id, .planned) }
            return []
        case (_, .unseen(let id, let reason)):
            guard running.contains(id), maySpare(id) else { return [] }
            giveUp(id, reason)
            return []
        case (.going, .resume):
            return goOn()
        case (.halted(_, .failed(let failure)), .resume):
            return [.chooseRetreat(failure)]
        case (.halting(let direction, .paused), .resume), (.halted(let direction, .paused), .resume),
            (.halting(let direction, .waiting), .resume), (.halted(let direction, .waiting), .resume),
            (.halting(let direction, .ending), .resume), (.halted(let direction, .ending), .resume):
            state = .going(direction)
            return goOn()
        case (.halting, .resume):
            return settle()
        case (.halted(_, .superseded), .resume):
            return settle()
        case (.going, .done(let id)):
            guard running.contains(id) else { return [] }
            return goOn(from: finish(id))
        case (.halting, .done(let id)):
            guard running.contains(id) else { return [] }
            finish(id)
            return settle()
        case (.going(let direction), .failed(let id, let failure)):
            guard running.contains(id) else { return [] }
            if failure.kind == .unknown, maySpare(id) { return goOn(from: giveUp(id, failure.reason)) }
            set(id, .failed)
            return halt(direction, .failed(failure))
        case (.halting(_, let halt), .failed(let id, _)):
            guard running.contains(id) else { return [] }
            set(id, halt.keepsStepsOpen ? .planned : .failed)
            return settle()
        case (.going, .cut(let id)):
            guard running.contains(id) else { return [] }
            set(id, .planned)
            return goOn(from: [id])
        case (.halting, .cut(let id)):
            guard running.contains(id) else { return [] }
            set(id, .planned)
            return settle()
        case (.going, .waiting(let id, let gate)):
            guard running.contains(id) else { return [] }
            set(id, .planned)
            gates[id] = gate
            return goOn(from: [])
        case (.halting, .waiting(let id, _)):
            guard running.contains(id) else { return [] }
            set(id, .planned)
            return settle()
        case (.going(let direction), .halt(let halt)):
            return self.halt(direction, halt)
        case (.halting(let direction, let present), .halt(let halt)),
            (.halted(let direction, let present), .halt(let halt)):
            guard halt.outranks(present) else { return [] }
            return self.halt(direction, halt)
        case (.halted(.forward, .failed(let failure)), .retreat(let steps, let deployables)):
            self.failure = failure
            skipPlanned()
            lost = [:]
            append(steps, deployables)
            state = .going(.back)
            return goOn()
        case (.halted(.forward, .failed(let failure)), .noRetreat(let reason)):
            return end(.failed, "\(failure.reason); \(reason)")
        case (_, .retreat), (_, .noRetreat), (.halted, _):
            return []
        }
    }

    @discardableResult
    private mutating func finish(_ id: Int) -> [Int] {
        set(id, .done)
        return release(id)
    }

    /// Steps that wait for nothing any more now that this one is passed.
    private mutating func release(_ id: Int) -> [Int] {
        var ready: [Int] = []
        for dependant in dependants[id] ?? [] {
            blockers[dependant, default: 0] -= 1
            if blockers[dependant] == 0 { ready.append(dependant) }
        }
        if let row = steps[id - 1].ends {
            rows[row]?.end()
            if let next = rows[row]?.next(isPlanned: { states[$0] == .planned }) { ready.append(next) }
        }
        return ready
    }

    private func mayBegin(_ id: Int) -> Bool {
        guard states[id] == .planned, blockers[id] == 0 else { return false }
        return steps[id - 1].begins.map { rows[$0.row]?.isOpen ?? true } ?? true
    }

    /// Leaves an instance as it is: its step failed, and what is planned for it is skipped when its turn comes. Gives what
    /// may begin now.
    @discardableResult
    private mutating func giveUp(_ id: Int, _ reason: String) -> [Int] {
        guard let instance = steps[id - 1].instance else { return [] }
        lost[instance] = reason
        set(id, .failed)
        return release(id)
    }

    private mutating func set(_ id: Int, _ new: Step.State) {
        let old = states[id]
        states[id] = new
        gates[id] = nil
        if let row = steps[id - 1].begins?.row, (old == .planned) != (new == .planned) {
            if new == .planned { rows[row]?.takeBack() } else { rows[row]?.begin() }
        }
        if new == .running { running.insert(id) } else { running.remove(id) }
        let wasOpen = old == .planned || old == .running
        let isOpen = new == .planned || new == .running
        if wasOpen && !isOpen { open -= 1 }
        if !wasOpen && isOpen { open += 1 }
    }

    private mutating func skipPlanned() {
        for step in steps where states[step.id] == .planned { set(step.id, .skipped) }
    }

    /// Begins every step that may begin, or ends where all are done. `candidates` nil looks at every step.
    private mutating func goOn(from candidates: [Int]? = nil) -> [Effect] {
        guard case .going(let direction) = state else { return [] }
        var effects: [Effect] = []
        var row = candidates ?? steps.map(\.id)
        var place = 0
        while place < row.count {
            let id = row[place]
            place += 1
            guard mayBegin(id) else { continue }
            guard !isGivenUp(steps[id - 1]) else {
                set(id, .skipped)
                row += release(id)
                continue
            }
            set(id, .running)
            effects.append(.run(reachable(steps[id - 1])))
        }
        if open == 0 {
            switch (direction, purpose) {
            case (.back, _):
                let missing = lost.keys.sorted().map { "; \($0) is out of reach" }.joined()
                return end(.rolledBack, "\(failure?.reason ?? "it failed"); rolled back" + missing)
            case (.forward, .rollback): return end(.rolledBack, "rolled back by hand")
            case (.forward, _): return end(.applied, "")
            }
        }
        if effects.isEmpty && running.isEmpty {
            // Only when nothing else is left to do: a workload that waits holds up no other.
            if let gate = gates.min(by: { $0.key < $1.key })?.value { return halt(direction, .waiting(gate)) }
            return halt(
                direction, .failed(Failure(.act, reason: "no step can be begun: what was stored does not fit together"))
            )
        }
        return effects
    }

    private mutating func halt(_ direction: RolloutState.Direction, _ halt: RolloutState.Halt) -> [Effect] {
        state = .halting(direction, halt)
        let waits = running.filter { steps[$0 - 1].isWait }.sorted()
        return waits.isEmpty ? settle() : waits.map { .cut($0) }
    }

    /// Moves on from halting once nothing is under way.
    private mutating func settle() -> [Effect] {
        let direction: RolloutState.Direction
        let halt: RolloutState.Halt
        switch state {
        case .halting(let d, let h), .halted(let d, let h): (direction, halt) = (d, h)
        case .going, .ended: return []
        }
        guard running.isEmpty else { return [] }
        switch halt {
        case .superseded(let reason):
            return end(.superseded, reason)
        case .paused, .waiting, .ending:
            state = .halted(direction, halt)
            return [.suspend(halt)]
        case .failed(let failure):
            if failure.kind == .unknown { return end(.error, failure.reason) }
            if direction == .back { return end(.failed, "the rollback failed: \(failure.reason)") }
            if purpose != .deploy { return end(.failed, failure.reason) }
            state = .halted(direction, halt)
            return [.chooseRetreat(failure)]
        }
    }

    private mutating func end(_ outcome: Outcome, _ reason: String) -> [Effect] {
        skipPlanned()
        state = .ended(outcome, reason: reason)
        return [.end(outcome, reason: reason)]
    }
}

extension RolloutState.Halt {
    /// Whether a step that fails meanwhile is tried again when it goes on.
    fileprivate var keepsStepsOpen: Bool {
        switch self {
        case .paused, .waiting, .ending: true
        case .failed, .superseded: false
        }
    }

    /// A newer commit goes before a failure, a failure before a pause, a pause before what is waited for, and that before
    /// the end of the process.
    fileprivate func outranks(_ other: RolloutState.Halt) -> Bool { rank > other.rank }

    private var rank: Int {
        switch self {
        case .ending: 0
        case .waiting: 1
        case .paused: 2
        case .failed: 3
        case .superseded: 4
        }
    }
}
