import History
import Model
import Planning

extension Store {
    /// What the newest rollout of an environment has shared traffic out by, or was to, where it was superseded and nothing
    /// has settled that since; nil where there is none.
    func unsettledTraffic(of environment: String) async throws(StoreError) -> [String: [Value]]? {
        guard let (id, state) = try await supersededRollout(of: environment) else { return nil }
        guard let stored = RolloutText.read(state) else { return [:] }
        let states = try await steps(id).map { ($0.id, $0.state) }
        return Rollout(stored, states: Dictionary(states, uniquingKeysWith: { first, _ in first })).traffic
    }
}
