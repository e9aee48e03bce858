import History
import Model
import Planning

extension EnvironmentReconciler {
    /// Why a target is not gone to: it wants of hosts what another environment has. Nil where it does not, and the target
    /// has all that it wants from then on.
    func refusal(
        of target: Desired, _ purpose: Rollout.Purpose, _ call: PassCall
    ) async throws(StoreError) -> (reason: String, problems: [Problem])? {
        let problems = try await call.hostProblems(target, false)
        guard !problems.isEmpty else { return nil }
        let all = problems.map(\.diagnostic).joined(separator: "; ")
        let commit = target.commit.prefix(10)
        // Problems of what is not in git any more are none that a commit mends.
        switch purpose {
        case .deploy: return (all, problems)
        case .repair: return ("held at \(commit), and nothing is repaired there: \(all)", [])
        case .rollback: return ("\(name) cannot go back to \(commit): \(all); nothing was touched", [])
        }
    }

    /// The last good input that a rollout goes back to if it fails, or why there is none. What runs already has no need to ask.
    func wayBack(of rollout: Rollout, _ call: PassCall) async throws(StoreError) -> (good: Desired?, refusal: String?) {
        guard let good = try await parts.store.goodInputs(name, but: rollout.plan.input, limit: 1).first?.desired else {
            return (nil, nil)
        }
        if good.input.id != record.running, rollout.failure == nil {
            let problems = try await call.hostProblems(good, true)
            guard problems.isEmpty else {
                let all = problems.map(\.diagnostic).joined(separator: "; ")
                return (nil, "there is no way back to \(good.commit.prefix(10)): \(all)")
            }
        }
        return (good.pinned(by: try await parts.store.instances(name)), nil)
    }
}
