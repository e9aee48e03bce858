import History
import Model
import Planning

extension EnvironmentReconciler {
    /// Why a target is not gone to: it wants of hosts what another environment has. Nil where it does not, and the target
    /// has all that it wants from then on.
    func refusal(
        of target: Desired, _ purpose: Rollout.Purpose, _ call: PassCall
    ) async throws(StoreError) -> (reason: String, problems: [Problem])? {
        let problems = try await call.hostProblems(target)
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
}
