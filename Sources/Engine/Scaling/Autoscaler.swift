import Checks
import DriverKit
import History
import Model
import Planning

/// Measures the workloads that scale themselves, and decides how many instances each shall have.
struct Autoscaler: Sendable {
    let drivers: DriverRegistry
    let materials: Materials
    let checker: Checker

    /// A workload that may be scaled now: it runs as it should.
    struct Candidate: Sendable {
        var workload: Workload
        var limits: Autoscaling
        var metric: ScalingMetric
        var deployable: Deployable
        var instances: [Difference.Item]
        var earlier: [Recommendation]
    }

    /// What came of one.
    struct Finding: Sendable {
        var record: ScaleRecord
        /// How many there are.
        var current: Int
        var recommendations: [Recommendation]
        /// Older recommendations decide nothing any more.
        var oldest: Timestamp
        /// Whether there was nothing to decide by.
        var isUnknown: Bool

        /// What is to be known of it where it could not be measured.
        var note: String? {
            isUnknown ? "\(record.workload) stays at \(current), because \(record.detail)" : nil
        }
    }

    /// The workloads whose metric may be asked: those that have all their instances and nothing to be done to them.
    static func candidates(
        _ target: Desired, _ result: Planner.Result, earlier: (String) async throws(StoreError) -> [Recommendation]
    ) async throws(StoreError) -> [Candidate] {
        let busy = Set(result.plan.changes.map(\.workload)).union(result.plan.untouched.keys)
        var all: [Candidate] = []
        for workload in target.environment.workloads where !busy.contains(workload.name) {
            guard workload.hosts == nil, let limits = workload.autoscaling, let metric = limits.metric,
                let deployable = target.deployables[workload.name],
                let instances = result.comparison.settled[workload.name], !instances.isEmpty
            else { continue }
            all.append(
                Candidate(
                    workload: workload, limits: limits, metric: metric, deployable: deployable, instances: instances,
                    earlier: try await earlier(workload.name)))
        }
        return all
    }

    /// Measures all of them together.
    func measure(
        _ candidates: [Candidate], environment: String, commit: String, now: @escaping @Sendable () -> Timestamp
    ) async -> [Finding] {
        await withTaskGroup(of: Finding.self) { group in
            for candidate in candidates {
                group.addTask {
                    let value = await self.value(of: candidate, environment: environment, commit: commit)
                    return Self.finding(candidate, value, now())
                }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.record.workload < $1.record.workload }
        }
    }

    /// Why there is no number.
    private struct NoData: Error {
        var reason: String
    }

    private static func finding(
        _ candidate: Candidate, _ value: Result<Double, NoData>, _ now: Timestamp
    ) -> Finding {
        let (metric, current) = (candidate.metric, candidate.instances.count)
        let name = candidate.workload.name
        let oldest = now + TimeSpan(milliseconds: -max(metric.scaleUp, metric.scaleDown).milliseconds)
        switch value {
        case .success(let value):
            let decision = Scaler.decide(
                candidate.limits, metric, current: current, value: value, earlier: candidate.earlier, now: now)
            let because =
                decision.count == current
                ? nil : "\(name): \(current) to \(decision.count), because \(decision.sentence)"
            return Finding(
                record: ScaleRecord(
                    workload: name, count: decision.count, value: value, detail: decision.sentence, at: now,
                    because: because), current: current, recommendations: decision.recommendations, oldest: oldest,
                isUnknown: false)
        case .failure(let failure):
            let detail = "\(metric.name) cannot be measured: \(failure.reason)"
            return Finding(
                record: ScaleRecord(workload: name, count: current, value: nil, detail: detail, at: now),
                current: current, recommendations: [], oldest: oldest, isUnknown: true)
        }
    }

    /// The average of what the instances gave; where one gave nothing there is no data.
    private func value(
        of candidate: Candidate, environment: String, commit: String
    ) async -> Result<Double, NoData> {
        guard let driver = drivers[candidate.deployable.driver] else {
            return .failure(NoData(reason: "there is no driver \(candidate.deployable.driver)"))
        }
        var members: [MonitorAsker.Member] = []
        do {
            let folder = try await materials.folder(for: candidate.deployable.files, commit: commit)
            members = candidate.instances.map { item in
                .init(
                    driver: driver,
                    target: InstanceTarget(
                        environment: environment, workload: candidate.workload.name, instance: item.instance,
                        index: item.index, commit: commit, deployable: candidate.deployable, folder: folder))
            }
        } catch {
            return .failure(NoData(reason: "its files cannot be written: \(error)"))
        }
        let answers = await MonitorAsker(checker: checker).answers(candidate.metric.monitor, .baseline, members)
        var sum = 0.0
        for answer in answers {
            let head = answer.instance.isEmpty ? "" : answer.instance + ": "
            switch answer.reading {
            case .number(let number, _) where number.isFinite && number >= 0: sum += number / Double(answers.count)
            case .number(let number, _):
                return .failure(NoData(reason: head + "the answer is \(NumberText.shown(number))"))
            case .none(let reason): return .failure(NoData(reason: head + reason))
            }
        }
        return answers.isEmpty ? .failure(NoData(reason: "there is no instance to ask")) : .success(sum)
    }
}
