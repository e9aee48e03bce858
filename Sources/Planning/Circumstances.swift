import Model

/// Everything that planning looks at: what is wanted, what was recorded and what was seen.
package struct Circumstances: Sendable {
    /// What the environment should be.
    package var desired: Desired
    /// What it was last brought to; names the order in which deleted workloads go.
    package var previous: Environment?
    /// Whether the environment was brought to this very input before: what differs now is drift.
    package var wasReached: Bool
    /// What was recorded of every instance.
    package var inventory: [InstanceRecord]
    /// What was seen of every instance that is wanted or recorded.
    package var observations: [InstanceKey: Observation]
    /// What the balancers were seen to do, by workload; none for those whose routes were not looked at.
    package var routes: [String: RouteObservation]
    /// `traffic` blocks that a rollout which was superseded has used or meant to, by workload: see `Rollout.traffic`. Nil
    /// where there is no such rollout, or what it left is settled.
    package var unsettled: [String: [Value]]?
    /// What places that shared a workload's requests out before were seen to give its instances, by workload and place, as
    /// in `RouteObservation.seen`; none for those that were not looked at or could not be seen.
    package var elsewhere: [String: [BalancerPlace: [String: Int]]]
    /// What the paths by which `traffic` blocks name balancers really are, where that is another path.
    package var realPaths: [String: String] = [:]
    /// How many instances a workload has where the record keeps it, for those with `autoscaling`.
    package var counts: [String: Int]
    /// Why the count of a workload is another than what runs, for those that scale themselves: one sentence each.
    package var because: [String: String]
    /// Digests that were good in this environment.
    package var knownGood: Set<Digest>
    /// Whether more deletions than `max_delete` are allowed this time.
    package var allowDelete: Bool
    /// Whether a driver would ask anything about an instance's health.
    package var asksHealth: @Sendable (Deployable) -> Bool
    /// Whether old and new can run beside each other, by the driver's name.
    package var placement: @Sendable (String) -> DriverDescription.Placement

    /// All parts.
    package init(
        desired: Desired, previous: Environment? = nil, wasReached: Bool = false,
        inventory: [InstanceRecord],
        observations: [InstanceKey: Observation], routes: [String: RouteObservation] = [:],
        unsettled: [String: [Value]]? = nil, elsewhere: [String: [BalancerPlace: [String: Int]]] = [:],
        counts: [String: Int] = [:], because: [String: String] = [:], knownGood: Set<Digest> = [],
        allowDelete: Bool = false,
        asksHealth: @escaping @Sendable (Deployable) -> Bool,
        placement: @escaping @Sendable (String) -> DriverDescription.Placement = { _ in .inPlace }
    ) {
        self.desired = desired
        self.previous = previous
        self.wasReached = wasReached
        self.inventory = inventory
        self.observations = observations
        self.routes = routes
        self.unsettled = unsettled
        self.elsewhere = elsewhere
        self.counts = counts
        self.because = because
        self.knownGood = knownGood
        self.allowDelete = allowDelete
        self.asksHealth = asksHealth
        self.placement = placement
    }
}

extension Circumstances {
    /// The `traffic` blocks of places where a workload's requests were shared out before and shall not be any more; those
    /// first that serve.
    package func formers(of workload: Workload) -> [Value] {
        let before = previous?.workloads.first { $0.name == workload.name }?.traffic
        func place(_ block: Value) -> BalancerPlace? { BalancerPlace(of: block)?.resolved(realPaths) }
        var places: Set<BalancerPlace?> = [nil]
        if let routing = workload.routing { places.insert(place(routing)) }
        let blocks = ((unsettled?[workload.name] ?? []) + [before].compactMap { $0 }).filter {
            places.insert(place($0)).inserted
        }
        let seen = elsewhere[workload.name] ?? [:]
        func serves(_ block: Value) -> Bool {
            BalancerPlace(of: block).flatMap { seen[$0] }?.contains { $0.value > 0 } ?? false
        }
        return blocks.filter(serves) + blocks.filter { !serves($0) }
    }
}

/// One instance under one driver: while a driver is replaced, both have an instance of the same name.
package struct InstanceKey: Hashable, Sendable {
    /// The instance's name.
    package var instance: String
    /// The driver's name.
    package var driver: String

    /// Both parts.
    package init(instance: String, driver: String) {
        self.instance = instance
        self.driver = driver
    }
}

extension InstanceRecord {
    /// The instance under its driver.
    package var key: InstanceKey { InstanceKey(instance: instance, driver: deployable.driver) }
}
