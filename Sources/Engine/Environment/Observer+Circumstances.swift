import History
import Model
import Planning

extension Observer {
    /// How one environment is to be looked at.
    struct Look: Sendable {
        /// What it should be.
        var target: Desired
        /// How it stands; nil where it is new.
        var record: EnvironmentRecord?
        /// What it was last brought to.
        var previous: Environment?
        var trustsRecord: Bool
        var allowDelete: Bool
    }

    /// Everything that planning looks at. A dry run and a pass see the same. Throws `StoreError`.
    func circumstances(_ look: Look, store: Store?) async throws(StoreError) -> Circumstances {
        let (target, record) = (look.target, look.record)
        let name = target.environment.name
        let drivers = drivers
        let inventory = try await store?.instances(name, wanted: target) ?? []
        let seen = await observe(target, environment: name, inventory: inventory, trustsRecord: look.trustsRecord)
        let unsettled = try await store?.unsettledTraffic(of: name)
        var circumstances = Circumstances(
            desired: target.pinned(by: inventory), previous: look.previous,
            // What a rollout that was not brought to its end has left is no drift.
            wasReached: record?.running == target.input.id && unsettled == nil
                && record?.openReconcile == nil,
            inventory: inventory, observations: seen,
            unsettled: unsettled,
            knownGood: try await store?.knownDigests(name) ?? [], allowDelete: look.allowDelete,
            asksHealth: { drivers.asksHealth($0) }, placement: { drivers.placement($0) })
        circumstances.realPaths = await RealPaths.all(
            (target.environment.workloads + (look.previous?.workloads ?? [])).compactMap(\.traffic)
                + (unsettled ?? [:]).values.flatMap { $0 })
        guard !look.trustsRecord else { return circumstances }
        circumstances.routes = await routes(
            target, environment: name, inventory: inventory, seen: seen, recorded: try await store?.traffic(name) ?? [])
        circumstances.elsewhere = await elsewhere(circumstances, environment: name)
        return circumstances
    }
}
