import History
import Model
import Planning

/// What one pass does about the workloads of an environment that scale themselves.
struct Scaling: Sendable {
    /// What was measured in this pass.
    var findings: [Autoscaler.Finding] = []
    /// Rows of workloads that do not scale themselves any more.
    var stale: [String] = []

    /// What is recorded with the rollout that it leads to, or at once where nothing is to be done.
    func writes(_ environment: String) -> [JournalWrite] {
        findings.map {
            .scale(environment: environment, $0.record, recommendations: $0.recommendations, oldest: $0.oldest)
        } + stale.map { .unscale(environment: environment, workload: $0) }
    }

    /// What could not be measured, a sentence each.
    var notes: [String] { findings.compactMap(\.note) }

    /// Plans again with the counts that were decided on.
    func apply(to circumstances: inout Circumstances, _ result: inout Planner.Result) {
        let news = findings.filter { $0.record.count != $0.current }
        for finding in findings { circumstances.counts[finding.record.workload] = finding.record.count }
        for finding in news { circumstances.because[finding.record.workload] = finding.record.because }
        if !news.isEmpty { result = Planner.plan(circumstances) }
        result.plan.notes += notes
    }
}

extension Circumstances {
    /// With the counts in force. What was decided and is not reached yet keeps its reason.
    mutating func recall(_ scales: [ScaleRecord], mayScale: Bool) {
        for scale in scales {
            counts[scale.workload] = scale.count
            if mayScale { because[scale.workload] = scale.because }
        }
    }
}

extension Autoscaler {
    /// Measures what may be scaled now, if anything may: not while there is something else to be done to all of it.
    func scaling(
        _ target: Desired, _ result: Planner.Result, stored: [ScaleRecord], now: @escaping @Sendable () -> Timestamp,
        earlier: (String) async throws(StoreError) -> [Recommendation]
    ) async throws(StoreError) -> Scaling {
        let candidates = try await Self.candidates(target, result, earlier: earlier)
        let measured = Set(
            target.environment.workloads.filter { $0.autoscaling?.metric != nil }.map(\.name))
        return Scaling(
            findings: await measure(
                candidates, environment: target.environment.name, commit: target.commit, now: now),
            stale: stored.map(\.workload).filter { !measured.contains($0) })
    }
}
