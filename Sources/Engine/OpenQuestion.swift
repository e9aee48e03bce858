import History
import Model
import Planning

/// What an environment's open rollout asks a person.
package struct OpenQuestion: Hashable, Sendable {
    /// The rollout's reconcile.
    package var reconcile: Int
    /// The digest of the plan that a person would agree to.
    package var plan: Digest
    /// The steps that ask.
    package var steps: [Int]

    /// Nil where nothing asks. Throws `StoreError`.
    package static func read(_ environment: String, from store: Store) async throws(StoreError) -> OpenQuestion? {
        guard let id = try await store.environment(environment)?.openReconcile else { return nil }
        return try await read(reconcile: id, from: store)
    }

    /// The same of one reconcile. Throws `StoreError`.
    package static func read(reconcile id: Int, from store: Store) async throws(StoreError) -> OpenQuestion? {
        let decided = try await store.decisions(id)
        let steps = try await store.steps(id).filter {
            $0.kind == .approve && $0.state == .running && decided[$0.id] == nil
        }
        guard !steps.isEmpty, let plan = try await plan(of: id, from: store) else { return nil }
        return OpenQuestion(reconcile: id, plan: plan, steps: steps.map(\.id))
    }

    /// The digest of an open reconcile's plan; nil where it cannot be read. Throws `StoreError`.
    package static func plan(of id: Int, from store: Store) async throws(StoreError) -> Digest? {
        try await store.rollout(id).flatMap(RolloutText.read).map { Rollout($0, states: [:]).plan.digest }
    }
}
