import Engine
import History
import Model

/// How far an open rollout is, out of the record.
struct RolloutView: Sendable {
    /// One workload's requests while they are shifted.
    struct Share: Sendable {
        var workload: String
        /// `new` or `old`, or an instance's name.
        var side: String
        /// Percent of all requests; nil for an equal share of what the others leave.
        var wanted: Double?
        /// Percent as it was seen; nil where nobody can see it.
        var seen: Double?
    }

    /// Finished steps.
    var done: Int
    /// All steps, the way back with them.
    var all: Int
    /// The steps under way, by id.
    var running: [StepRecord]
    /// What waits for a person: a part of the steps under way.
    var asking: [StepRecord]
    /// The plan that a person is asked about; nil where nobody is asked.
    var plan: Digest?
    /// How requests are shared out.
    var shares: [Share]

    /// `steps` are the reconcile's, where somebody has read them already.
    static func read(
        _ id: Int, of environment: String, steps known: [StepRecord]? = nil, from store: Store
    ) async throws(StoreError) -> RolloutView {
        var steps = known ?? []
        if known == nil { steps = try await store.steps(id) }
        let decided = try await store.decisions(id)
        let running = steps.filter { $0.state == .running }
        let asking = running.filter { $0.kind == .approve && decided[$0.id] == nil }
        let plan = asking.isEmpty ? nil : try await OpenQuestion.plan(of: id, from: store)
        return RolloutView(
            done: steps.count { $0.state != .planned && $0.state != .running }, all: steps.count, running: running,
            asking: asking, plan: plan,
            shares: shares(try await store.traffic(environment), steps))
    }

    /// By side, as the last shift of each workload had them.
    private static func shares(_ traffic: [TrafficRecord], _ steps: [StepRecord]) -> [Share] {
        let workloads = Set(steps.compactMap { $0.kind == .shiftTraffic ? $0.workload : nil })
        return workloads.sorted().flatMap { workload -> [Share] in
            let rows = traffic.filter { $0.workload == workload }
            let last = steps.last { step in
                guard step.workload == workload, step.state == .done || step.state == .running,
                    case .shiftTraffic(let routing) = step.step.act
                else { return false }
                return routing.isWhole && !routing.isFormer
            }
            guard case .shiftTraffic(let routing)? = last?.step.act else {
                return rows.map { Share(workload: workload, side: $0.instance, wanted: $0.wanted, seen: $0.seen) }
            }
            return routing.sides.map { side in
                let members = Set(side.members.map(\.instance))
                let seen = rows.filter { members.contains($0.instance) }.compactMap(\.seen)
                return Share(
                    workload: workload, side: side.name.rawValue, wanted: Double(side.weight),
                    seen: seen.isEmpty ? nil : seen.reduce(0, +))
            }
        }
    }

    /// `step 4 of 12: pause 5m, and 2 more; web new 10 % (seen 9.8 %), old 90 % (seen 90.2 %)`.
    var text: String {
        var text = "step \(min(done + 1, all)) of \(all)"
        if let first = asking.first ?? running.first {
            text += ": \(first.text)" + (running.count > 1 ? ", and \(running.count - 1) more" : "")
        }
        let groups = Dictionary(grouping: shares, by: \.workload).sorted { $0.key < $1.key }
        for (workload, shares) in groups {
            text += "; \(workload) " + shares.map(RolloutView.text).joined(separator: ", ")
        }
        return text
    }

    static func text(_ share: Share) -> String {
        let wanted = share.wanted.map { " \(number($0)) %" } ?? ""
        return share.side + wanted + (share.seen.map { " (seen \(number($0)) %)" } ?? "")
    }

    private static func number(_ percent: Double) -> String {
        Percent.number(Int((percent * 100).rounded()))
    }

    var json: Value {
        .map([
            "done": .int(done), "steps": .int(all), "text": .string(text),
            "running": .list(running.map { .map(RecordJSON.entries($0)) }),
            "asking": .list(asking.map { .int($0.id) }),
            "plan": JSONText.optional(plan?.hex),
            "traffic": .list(
                shares.map { share in
                    .map([
                        "workload": .string(share.workload), "side": .string(share.side),
                        "wanted": JSONText.optional(share.wanted.map(RolloutView.number)),
                        "seen": JSONText.optional(share.seen.map(RolloutView.number)),
                    ])
                }),
        ])
    }
}

extension EnvironmentRecord {
    /// Whether the last pass left a rollout open that waits for a person or for data, and nobody went on with it since.
    func isWaiting(in rollout: RolloutView) -> Bool {
        guard openReconcile != nil, outcome == .waiting, gates.contains(where: { $0.state == .waiting }) else {
            return false
        }
        return rollout.running.allSatisfy { $0.kind == .monitor || rollout.asking.contains($0) }
    }
}
