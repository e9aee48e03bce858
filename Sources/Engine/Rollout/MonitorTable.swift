import Model
import Planning

/// What a watch knows so far: a judge for each monitor, and each instance's health.
struct MonitorTable: Sendable {
    /// So many answers in a row that an instance is not healthy are no accident.
    private static let sickAfter = 2

    private struct Health {
        var verdict: Verdict?
        /// How many answers in a row were the same kind as this one.
        var row = 0
    }

    private let watch: Watch
    private let instances: [String]
    /// The monitors that are asked, by their places; without an old side those that only compare are not.
    let active: [Int]
    private var judges: [MonitorJudge]
    /// Those that were asked since this process began with it or went on: what an earlier one saw last may be long ago.
    private var fresh: Set<Int> = []
    private var newest: [Int: Measurement] = [:]
    private var health: [Health]

    init(_ watch: Watch, recorded: [Measurement], instances: [String]) {
        self.watch = watch
        self.instances = instances
        active = watch.monitors.indices.filter { index in
            let monitor = watch.monitors[index]
            return !watch.baseline.isEmpty || monitor.baseline == nil || !monitor.limits.isEmpty
        }
        judges = watch.monitors.map { MonitorJudge($0) }
        health = instances.map { _ in Health() }
        for measurement in recorded {
            guard let index = watch.monitors.firstIndex(where: { $0.name == measurement.monitor }) else { continue }
            judges[index].add(measurement)
            newest[index] = measurement
        }
    }

    mutating func add(_ measurement: Measurement, of index: Int) {
        judges[index].add(measurement)
        newest[index] = measurement
        fresh.insert(index)
    }

    mutating func saw(_ verdict: Verdict, of index: Int) {
        let isSame =
            switch (health[index].verdict, verdict) {
            case (.pass, .pass), (.fail, .fail), (.inconclusive, .inconclusive): true
            default: false
            }
        health[index] = Health(verdict: verdict, row: isSame ? health[index].row + 1 : 1)
    }

    /// Whether a monitor is not to be asked any more.
    func isDone(_ index: Int) -> Bool { judges[index].isDone }

    /// How it ends after so much time; nil where it goes on.
    func ending(elapsed: TimeSpan) -> MonitorRunner.Ending? {
        for (instance, health) in zip(instances, health) {
            if case .fail(let reason) = health.verdict, health.row >= Self.sickAfter {
                return .failed("\(instance) is not healthy any more: \(reason)")
            }
        }
        var isGoing = false
        var missing: [String] = []
        for index in active {
            let isKnown = fresh.contains(index) || judges[index].isDone
            switch judges[index].judgement(elapsed: elapsed, of: watch.span) {
            case .fail(let reason): return .failed("monitor \(reason)")
            case .inconclusive(let reason) where isKnown: missing.append("monitor \(reason)")
            case .pass where isKnown: continue
            case .going, .inconclusive, .pass: isGoing = true
            }
        }
        guard elapsed >= watch.span, !isGoing else { return nil }
        for (instance, health) in zip(instances, health) {
            switch health.verdict {
            case .pass: continue
            case .inconclusive(let reason) where health.row >= MonitorJudge.patience:
                missing.append("\(instance) cannot be asked for its health: \(reason)")
            case .inconclusive, .fail, nil: return nil
            }
        }
        return missing.isEmpty ? .passed(line) : .waiting(missing.joined(separator: "; "))
    }

    /// What was measured last: `errors 0.002, slow 31 beside 30`.
    var line: String {
        let parts = active.compactMap { index -> String? in
            guard let measurement = newest[index] else { return nil }
            let value = measurement.value.map(NumberText.shown) ?? "no data"
            return measurement.monitor + " " + value
                + (measurement.baseline.map { " beside \(NumberText.shown($0))" } ?? "")
        }
        let idle = watch.monitors.indices.filter { !active.contains($0) }.map {
            watch.monitors[$0].name + " not asked, as there is nothing to compare with"
        }
        let all = parts + idle
        return all.isEmpty ? "healthy" : all.prefix(6).joined(separator: ", ") + (all.count > 6 ? ", …" : "")
    }
}
