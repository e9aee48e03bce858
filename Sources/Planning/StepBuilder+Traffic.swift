import Model

/// Who gets which share of a workload's requests. Where nothing shares them out, nothing is added.
extension StepBuilder {
    /// Gives instances traffic like all others.
    mutating func join(_ work: WorkloadWork, _ items: [WorkloadWork.Item], after: [Int]) -> [Int] {
        let members = new(items)
        guard !members.isEmpty else { return after }
        return patch(
            work, Routing.Side(.new, members, weight: 100), after,
            text: "give \(work.list(members)) traffic like the others")
    }

    /// Takes instances out of traffic and lets them finish.
    mutating func leave(_ work: WorkloadWork, _ items: [WorkloadWork.Item], after: [Int]) -> [Int] {
        let members = old(items.filter(\.isServing))
        guard !members.isEmpty else { return after }
        return patch(
            work, Routing.Side(.old, members, weight: 0), after,
            text: "take \(work.list(members)) out of traffic" + work.drained)
    }

    private mutating func patch(
        _ work: WorkloadWork, _ side: Routing.Side, _ after: [Int], text: String
    ) -> [Int] {
        route(work, [side], isWhole: false, after: after, text: text)
    }

    /// Shares all traffic out anew: `weight` percent for the new side and the rest for the old one; everything for the one
    /// that there is. Who is on neither side leaves, but for those out of reach: they have a part like everyone's.
    mutating func shift(
        _ work: WorkloadWork, new: [WorkloadWork.Item], old: [WorkloadWork.Item], weight: Int, match: Value = .null,
        leaving: [WorkloadWork.Item] = [], after: [Int]
    ) -> [Int] {
        let (new, old, leaving) = (self.new(new), self.old(old.filter(\.isServing)), self.old(leaving))
        let unseen = self.old(work.unseen.filter(\.isServing))
        let weight = old.isEmpty ? 100 : new.isEmpty ? 0 : weight
        var sides = [Routing.Side(.new, new, weight: weight), Routing.Side(.old, old, weight: 100 - weight)]
            .filter { !$0.members.isEmpty }
        var text = "shift \(work.workload) to "
        text += sides.map { "\($0.weight) % \($0.name.rawValue) (\(work.list($0.members)))" }.joined(separator: ", ")
        if !unseen.isEmpty, let side = sides.lastIndex(where: { $0.weight > 0 || match != .null }) {
            sides[side].members = (sides[side].members + unseen).sorted { $0.index < $1.index }
            text += "; \(work.list(unseen)) " + (unseen.count == 1 ? "keeps its part" : "keep their parts")
        }
        if match != .null { text += ", requests with \(Self.text(of: match)) to the new" }
        if !leaving.isEmpty { text += "; " + work.leaving(leaving) }
        return route(work, sides, isWhole: true, match: match, leaving: leaving, after: after, text: text)
    }

    /// Shares all traffic out equally among these, whatever their versions. Who is not one of them leaves.
    mutating func level(
        _ work: WorkloadWork, _ items: [WorkloadWork.Item], leaving: [WorkloadWork.Item] = [], after: [Int]
    ) -> [Int] {
        var members = items.compactMap { item in (item.old ?? item.new).map { member(item, $0) } }
        guard !members.isEmpty else { return after }
        members = (members + old(work.unseen.filter(\.isServing))).sorted { $0.index < $1.index }
        var text = "share \(work.workload)'s traffic equally: \(work.list(members))"
        let gone = old(leaving)
        if !gone.isEmpty { text += "; " + work.leaving(gone) }
        return route(
            work, [Routing.Side(.old, members, weight: 100)], isWhole: true, leaving: gone, after: after, text: text)
    }

    /// Takes everything out at a place that is not asked any more.
    mutating func farewell(_ work: WorkloadWork, _ former: Value, after: [Int]) -> [Int] {
        var left = work
        left.routing = former
        let text = "take all of \(work.workload) out of traffic at \(BalancerPlace.text(of: former))" + work.drained
        return route(left, [], isWhole: true, isFormer: work.routing != nil, after: after, text: text)
    }

    /// Takes instances away in good order: out of traffic, all together, and then stopped.
    mutating func dismiss(_ work: WorkloadWork, _ items: [WorkloadWork.Item], after: [Int]) -> [Int] {
        guard !items.isEmpty else { return after }
        return stop(work, items, after: leave(work, items, after: after))
    }

    /// Stops instances that get no traffic any more, `max_parallel` at a time.
    mutating func stop(_ work: WorkloadWork, _ items: [WorkloadWork.Item], after: [Int]) -> [Int] {
        if items.count == 1, let item = items.first {
            return item.old.map { [stop(work, item, $0, after: after)] } ?? after
        }
        var window = Window(size: work.parallel, after: after)
        for item in items {
            guard let old = item.old else { continue }
            turn(in: &window) { [$0.stop(work, item, old, after: $1)] }
        }
        return window.last
    }

    mutating func new(_ items: [WorkloadWork.Item]) -> [Routing.Member] {
        items.compactMap { item in item.new.map { member(item, $0) } }.sorted { $0.index < $1.index }
    }

    mutating func old(_ items: [WorkloadWork.Item]) -> [Routing.Member] {
        items.compactMap { item in item.there.map { member(item, $0) } }.sorted { $0.index < $1.index }
    }

    private mutating func member(_ item: WorkloadWork.Item, _ deployable: Deployable) -> Routing.Member {
        Routing.Member(instance: item.instance, index: item.index, deployable: register(deployable))
    }

    private mutating func route(
        _ work: WorkloadWork, _ sides: [Routing.Side], isWhole: Bool, match: Value = .null,
        leaving: [Routing.Member] = [], isFormer: Bool = false, after: [Int], text: String
    ) -> [Int] {
        guard let traffic = work.routing else { return after }
        let drain = work.rollout.drainTimeout
        let routing = Routing(
            traffic: traffic, sides: sides, isWhole: isWhole, drain: drain, match: match, leaving: leaving,
            isFormer: isFormer)
        let patience = TimeSpan(milliseconds: work.rollout.progressDeadline.milliseconds + drain.milliseconds)
        return [add(.shiftTraffic, work.workload, .shiftTraffic(routing), after, deadline: patience, text: text)]
    }

    private static func text(of match: Value) -> String {
        for kind in ["header", "cookie"] where match[kind] != .null {
            return "\(kind) \(match[kind]["name"].string ?? ""): \(match[kind]["value"].string ?? "")"
        }
        return "a mark"
    }
}

extension WorkloadWork {
    /// `, drained at most 30s`.
    fileprivate var drained: String {
        rollout.drainTimeout > .zero ? ", drained at most \(rollout.drainTimeout)" : ""
    }

    /// `web-1, web-2 leave, drained at most 30s`.
    fileprivate func leaving(_ members: [Routing.Member]) -> String {
        list(members) + (members.count == 1 ? " leaves" : " leave") + drained
    }

    /// `web-1 … web-4, web-7`: instances in order of their numbers, three and more in a row by their ends.
    func list(_ members: [Routing.Member]) -> String {
        var runs: [[Routing.Member]] = []
        for member in members {
            if let last = runs.last?.last, last.index + 1 == member.index {
                runs[runs.count - 1].append(member)
            } else {
                runs.append([member])
            }
        }
        return runs.flatMap { run in
            run.count > 2 ? ["\(run[0].instance) … \(run[run.count - 1].instance)"] : run.map(\.instance)
        }.joined(separator: ", ")
    }
}
