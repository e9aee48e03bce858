import Model

/// Collects steps, numbers them, and keeps the table of what they refer to. What adds a step, or several, gives back what
/// the next has to wait for; where there is nothing to do that is what it was given.
struct StepBuilder {
    private(set) var steps: [Step] = []
    private(set) var deployables: [Digest: Deployable] = [:]
    private let asksHealth: @Sendable (Deployable) -> Bool
    private let firstID: Int

    init(firstID: Int = 1, asksHealth: @escaping @Sendable (Deployable) -> Bool) {
        self.firstID = firstID
        self.asksHealth = asksHealth
    }

    mutating func start(_ work: WorkloadWork, _ item: WorkloadWork.Item, _ new: Deployable, after: [Int]) -> Int {
        add(
            .start, work, item, .start(register(new)), after,
            text: "start \(item.instance) at \(new.digest.short)")
    }

    mutating func stop(_ work: WorkloadWork, _ item: WorkloadWork.Item, _ old: Deployable, after: [Int]) -> Int {
        add(
            .stop, work, item, .stop(register(old)), after,
            text: "stop \(item.instance)" + (item.isReplaced ? " (driver \(old.driver))" : ""))
    }

    /// Adds a wait where there is anything to wait for, and for what runs and is watched all the same: by that the way back
    /// knows whom it was about.
    mutating func waitHealthy(
        _ work: WorkloadWork, _ item: WorkloadWork.Item, _ new: Deployable, after: [Int]
    ) -> [Int] {
        let asks = new.health != nil || asksHealth(new)
        guard asks || work.minHealthyTime > .zero || item.isRunning && work.isWatched else { return after }
        let deadline = work.rollout.healthyDeadline
        var text = "wait for \(item.instance)"
        text += asks ? " to be healthy" : " to stay up"
        if work.minHealthyTime > .zero { text += " for \(work.minHealthyTime)" }
        if asks { text += ", at most \(deadline)" }
        let act = Step.Act.waitHealthy(register(new), minimum: work.minHealthyTime, deadline: deadline)
        return [add(.waitHealthy, work, item, act, after, text: text)]
    }

    /// Adds smoke tests one after the other; of a workload's new side where one is named.
    mutating func smokeTests(_ checks: [Check], of workload: String? = nil, after: [Int]) -> [Int] {
        checks.reduce(after) { last, check in
            let text = (workload.map { "smoke test of \($0): " } ?? "smoke test: ") + check.text
            return [add(.smokeTest, workload, .smokeTest(check), last, text: text)]
        }
    }

    mutating func preview(
        _ work: WorkloadWork, _ item: WorkloadWork.Item, _ new: Deployable, _ check: Check, after: [Int]
    ) -> Int {
        add(
            .smokeTest, work, item, .preview(check, of: register(new)), after,
            text: "smoke test of \(item.instance): \(check.text)")
    }

    /// Adds the next turn of a row: steps one after the other. `build` is given what the first waits for, and gives back the
    /// last.
    mutating func turn(in window: inout Window, _ build: (inout StepBuilder, [Int]) -> [Int]) {
        let head = steps.count
        let last = build(&self, window.first)
        guard head < steps.count, let end = last.last else { return }
        let row = window.append(steps[head].id, end)
        steps[head].begins = Step.Turn(row: row, together: window.size)
        steps[end - firstID].ends = row
    }

    /// Adds a step of a workload as a whole, or of none.
    mutating func add(
        _ kind: Step.Kind, _ workload: String?, _ act: Step.Act, _ after: [Int], deadline: TimeSpan? = nil, text: String
    ) -> Int {
        let id = firstID + steps.count
        steps.append(
            Step(
                id: id, kind: kind, workload: workload, instance: nil, index: 0, act: act, after: after,
                progressDeadline: deadline, text: text))
        return id
    }

    mutating func register(_ deployable: Deployable) -> Digest {
        let id = deployable.id
        deployables[id] = deployable
        return id
    }

    private mutating func add(
        _ kind: Step.Kind, _ work: WorkloadWork, _ item: WorkloadWork.Item, _ act: Step.Act, _ after: [Int],
        text: String
    ) -> Int {
        let id = firstID + steps.count
        steps.append(
            Step(
                id: id, kind: kind, workload: work.workload, instance: item.instance, index: item.index, act: act,
                after: after, progressDeadline: work.rollout.progressDeadline, text: text,
                isLosable: work.hosts != nil && !item.isFirst ? true : nil))
        return id
    }
}
