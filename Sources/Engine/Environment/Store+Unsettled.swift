import History
import Model
import Planning

extension Store {
    /// What the newest rollout of an environment has shared traffic out by, or was to, where it was superseded.
    func unsettledTraffic(_ record: EnvironmentRecord?) async throws(StoreError) -> [String: [Value]] {
        guard let id = record?.lastReconcile, try await reconcile(id)?.outcome == .superseded,
            let stored = try await rollout(id).flatMap(RolloutText.read)
        else { return [:] }
        let states = try await steps(id).map { ($0.id, $0.state) }
        return Rollout(stored, states: Dictionary(states, uniquingKeysWith: { first, _ in first })).traffic
    }
}
