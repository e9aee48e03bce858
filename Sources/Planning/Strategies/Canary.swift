import Model

/// A few new instances get a share of the traffic and prove themselves before the others follow. Where old and new can
/// run beside each other the old side stays whole until the end, so that one shift takes everything back.
struct Canary: Strategy {
    /// Whether there is anything to prove beside an old version.
    static func isTaken(_ work: WorkloadWork) -> Bool { !work.isTrusted && work.hasOld && !work.items.isEmpty }

    var takesSteps: Bool { true }
    var watchesItself: Bool { true }

    func asks(_ work: WorkloadWork) -> Bool {
        Canary.isTaken(work) && work.rollout.steps.contains { if case .approve = $0 { true } else { false } }
    }

    func compile(_ work: WorkloadWork, after: [Int], into builder: inout StepBuilder) -> [Int] {
        var work = work
        let after = builder.open(&work, after: after)
        guard Canary.isTaken(work) else {
            return Rolling.turns(work, after: after, into: &builder)
        }
        var canary = CanarySides(work, after: after)
        let steps = work.rollout.steps.isEmpty ? RolloutPolicy.defaultSteps : work.rollout.steps
        for (place, step) in steps.enumerated() {
            canary.take(step, next: place + 1 < steps.count ? steps[place + 1] : nil, into: &builder)
        }
        return canary.promote(into: &builder)
    }
}

/// Both sides of a canary while it is compiled.
private struct CanarySides {
    private let work: WorkloadWork
    private var last: [Int]
    /// What runs the new version.
    private var new: [WorkloadWork.Item]
    /// What does not yet.
    private var waiting: [WorkloadWork.Item]
    /// What runs the old version beside the new one.
    private var beside: [WorkloadWork.Item]
    private var weight: Int?
    private var shifted = 0
    private var count: Int?
    private var match = Value.null

    init(_ work: WorkloadWork, after: [Int]) {
        self.work = work
        last = after
        new = work.staying
        waiting = work.items
        beside = work.leaving
    }

    private var old: [WorkloadWork.Item] { (beside + waiting.filter { $0.old != nil }).filter(\.isServing) }

    /// The share of the new side where every instance gets as much as any other.
    private var equalWeight: Int {
        let all = new.count + old.count + work.unseen.count(where: \.isServing)
        return new.isEmpty ? 0 : max(1, 100 * new.count / all)
    }

    mutating func take(_ step: RolloutStep, next: RolloutStep?, into builder: inout StepBuilder) {
        switch step {
        case .weight(let percent):
            weight = percent
            bring(to: count ?? max(1, Share.percent(percent).reach(of: work.count)), into: &builder)
            shift(percent, into: &builder)
        case .instances(let share):
            count = max(1, share.reach(of: work.count))
            bring(to: count ?? 1, into: &builder)
            if !(next?.setsTraffic ?? false) { shift(weight ?? equalWeight, into: &builder) }
        case .match(let marks):
            match = marks
            bring(to: count ?? 1, into: &builder)
            shift(weight ?? 0, into: &builder)
        case .monitor(let span): last = builder.monitor(work, span, new: new, old: old, after: last)
        case .pause(let span): last = builder.pause(work.workload, span, after: last)
        case .approve(let sentence):
            last = builder.approve(
                work.workload, sentence, usual: "may the new version of \(work.workload) go on?", after: last)
        case .smoke(let checks): last = builder.smokeTests(checks, of: work.workload, after: last)
        }
    }

    /// The rest follows, gets everything, and the old side goes.
    mutating func promote(into builder: inout StepBuilder) -> [Int] {
        if work.rollout.promotion == .manual {
            last = builder.approve(
                work.workload, "", usual: "shall the new version of \(work.workload) get everything?", after: last)
        }
        weight = 100
        bring(to: work.count, into: &builder)
        last = builder.shift(work, new: new, old: [], weight: 100, leaving: beside, after: last)
        return builder.stop(work, beside, after: last)
    }

    private mutating func shift(_ percent: Int, into builder: inout StepBuilder) {
        shifted = percent
        last = builder.shift(work, new: new, old: old, weight: percent, match: match, after: last)
    }

    /// Waits for what runs already: for as many as are wanted, and for all that have traffic, because nothing else can
    /// carry it.
    private mutating func prove(atLeast target: Int, into builder: inout StepBuilder) {
        let running = waiting.filter(\.isRunning)
        let needed = max(min(target - new.count, running.count), running.count(where: \.isServing))
        guard needed > 0 else { return }
        let chosen = (running.filter(\.isServing) + running.filter { !$0.isServing }).prefix(needed)
        var window = Window(size: work.parallel, after: last)
        for item in chosen { builder.turn(in: &window) { $0.bring(work, item, after: $1) } }
        last = window.last
        new += chosen
        let names = Set(chosen.map(\.instance))
        waiting.removeAll { names.contains($0.instance) }
    }

    /// Starts new instances until there are so many. Where one has to go for each, `max_unavailable` at a time change
    /// places, and each lot gets its traffic before the next loses its own.
    private mutating func bring(to target: Int, into builder: inout StepBuilder) {
        prove(atLeast: target, into: &builder)
        var rest = min(target - new.count, waiting.count)
        guard rest > 0 else { return }
        guard work.isStopFirst else {
            var window = Window(size: work.window, after: last)
            for item in waiting.prefix(rest) { builder.turn(in: &window) { $0.bring(work, item, after: $1) } }
            last = window.last
            new += waiting.prefix(rest)
            waiting.removeFirst(rest)
            return
        }
        while rest > 0 {
            let lot = Array(waiting.prefix(min(work.window, rest)))
            waiting.removeFirst(lot.count)
            let going = work.rollout.order == .stopFirst ? Array(beside.prefix(lot.count)) : []
            beside.removeFirst(going.count)
            last = builder.leave(work, lot + going, after: last)
            last = builder.stop(work, going, after: last)
            let before = last
            last = lot.flatMap { builder.bring(work, $0, after: before) }
            new += lot
            rest -= lot.count
            if rest > 0 { shift(max(shifted, min(weight ?? 100, equalWeight)), into: &builder) }
        }
    }
}

extension RolloutStep {
    /// Whether it says itself who gets which traffic.
    fileprivate var setsTraffic: Bool {
        switch self {
        case .weight, .match: true
        case .instances, .monitor, .pause, .approve, .smoke: false
        }
    }
}
