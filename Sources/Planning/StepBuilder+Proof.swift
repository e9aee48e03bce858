import Model

/// What a new version has to stand before it gets more.
extension StepBuilder {
    /// Watches the new side for a while, beside the old one.
    mutating func monitor(
        _ work: WorkloadWork, _ span: TimeSpan, new: [WorkloadWork.Item], old: [WorkloadWork.Item], after: [Int]
    ) -> [Int] {
        let watch = Watch(monitors: work.monitors, span: span, canary: self.new(new), baseline: self.old(old))
        let names = (work.monitors.map(\.name) + ["health"]).joined(separator: ", ")
        return [
            add(.monitor, work.workload, .monitor(watch), after, text: "watch \(work.workload) for \(span) (\(names))")
        ]
    }

    /// What a new version has to stand once it has everything, where its strategy has no steps of its own: the steps of the
    /// rollout that shift nothing. What runs already and never proved itself stands them as if it had just been started;
    /// `isFirst` says that nothing was ever good here: then there is nothing to prove.
    mutating func watch(_ work: WorkloadWork, isFirst: Bool, after: [Int]) -> [Int] {
        let hasToProve = work.hasOld || !isFirst && work.items.contains(where: \.isRunning)
        guard !work.isTrusted, hasToProve, work.items.contains(where: { $0.new != nil }) else { return after }
        return work.rollout.steps.reduce(after) { last, step in
            switch step {
            case .monitor(let span): monitor(work, span, new: work.staying + work.items, old: [], after: last)
            case .pause(let span): pause(work.workload, span, after: last)
            case .approve(let sentence):
                approve(
                    work.workload, sentence, usual: "is the new version of \(work.workload) as it should be?",
                    after: last)
            case .smoke(let checks): smokeTests(checks, of: work.workload, after: last)
            case .weight, .instances, .match: last
            }
        }
    }

    /// Lets time pass.
    mutating func pause(_ workload: String?, _ span: TimeSpan, after: [Int]) -> [Int] {
        [add(.pause, workload, .pause(span), after, text: "wait \(span)")]
    }

    /// Waits for a person to agree to a sentence; an empty one stands for `usual`.
    mutating func approve(_ workload: String?, _ sentence: String, usual: String, after: [Int]) -> [Int] {
        let asked = sentence.isEmpty ? usual : sentence
        return [add(.approve, workload, .approve(asked), after, text: "ask for approval: \(asked)")]
    }

    /// Asks the new side before it gets any traffic: each instance at its own port where a check names one, else once.
    mutating func previews(_ work: WorkloadWork, _ items: [WorkloadWork.Item], after: [Int]) -> [Int] {
        work.rollout.preview.reduce(after) { last, check in
            guard case .port = check.probe else { return smokeTests([check], of: work.workload, after: last) }
            return items.compactMap { item in item.new.map { preview(work, item, $0, check, after: last) } }
        }
    }
}
