import DriverKit
import History
import Model
import Planning
import Traffic

/// What the balancers do.
extension Observer {
    /// What each workload's balancer gives its instances, by workload; only of those that have one. `seen` is what runs, and
    /// `recorded` stands for what was seen where only the driver shifts traffic: nobody can ask it.
    func routes(
        _ desired: Desired?, environment: String, inventory: [InstanceRecord], seen: [InstanceKey: Observation],
        recorded: [TrafficRecord]
    ) async -> [String: RouteObservation] {
        var found: [String: RouteObservation] = [:]
        await withTaskGroup(of: (String, RouteObservation).self) { group in
            for workload in desired?.environment.workloads ?? [] {
                if workload.isRoutedByDriver && workload.traffic == nil {
                    let rows = recorded.filter { $0.workload == workload.name }
                    if !rows.isEmpty { found[workload.name] = .seen(Self.shares(rows)) }
                    continue
                }
                guard let traffic = workload.traffic, let desired else { continue }
                let targets = targets(of: workload, desired, environment, inventory, seen)
                group.addTask { (workload.name, await route(traffic, of: workload.name, targets)) }
            }
            for await (name, observation) in group { found[name] = observation }
        }
        return found
    }

    /// The same of places that shared a workload's requests out before; those that cannot be seen are left out.
    func elsewhere(
        _ circumstances: Circumstances, environment: String
    ) async -> [String: [BalancerPlace: [String: Int]]] {
        var found: [String: [BalancerPlace: [String: Int]]] = [:]
        for workload in circumstances.desired.environment.workloads {
            for block in circumstances.formers(of: workload) {
                let targets = targets(
                    of: workload, circumstances.desired, environment, circumstances.inventory,
                    circumstances.observations)
                guard let place = BalancerPlace(of: block),
                    case .seen(let shares) = await route(block, of: workload.name, targets)
                else { continue }
                found[workload.name, default: [:]][place] = shares
            }
        }
        return found
    }

    private func targets(
        of workload: Workload, _ desired: Desired, _ environment: String, _ inventory: [InstanceRecord],
        _ seen: [InstanceKey: Observation]
    ) -> [InstanceTarget] {
        let records = Dictionary(
            inventory.filter { $0.workload == workload.name }.map { ($0.key, $0) },
            uniquingKeysWith: { first, _ in first })
        let places = Dictionary(
            workload.places(drivers.placement(workload.driver), recorded: [Int]()).map { ($0.instance, $0.index) },
            uniquingKeysWith: { first, _ in first })
        return seen.keys.filter { key in
            if case .running = seen[key] { return places[key.instance] != nil || records[key] != nil }
            return false
        }.compactMap { key -> InstanceTarget? in
            let record = records[key]
            guard let index = record?.index ?? places[key.instance],
                let deployable = record?.deployable ?? desired.deployable(of: workload, instance: key.instance)
            else { return nil }
            return InstanceTarget(
                environment: environment, workload: workload.name, instance: key.instance, index: index,
                commit: "", deployable: deployable, folder: "")
        }
    }

    /// In parts per 10,000. Who was told less than everything has that much less than an equal share: the sides of a split
    /// are no longer what they were.
    private static func shares(_ rows: [TrafficRecord]) -> [String: Int] {
        let count = rows.count { ($0.told ?? 0) > 0 }
        return Dictionary(
            rows.map { ($0.instance, count > 0 ? ($0.told ?? 0) * 100 / count : 0) },
            uniquingKeysWith: { first, _ in first })
    }

    private func route(
        _ traffic: Value, of workload: String, _ targets: [InstanceTarget]
    ) async -> RouteObservation {
        let observation = await router.observe(
            Routing(traffic: traffic, sides: [], isWhole: false), of: workload, addresses: [:])
        if let unknown = observation.unknown { return .unknown(unknown) }
        let block = TrafficBlock(traffic)
        var addresses: [String: String] = [:]
        for target in targets {
            guard let driver = drivers[target.deployable.driver] else { continue }
            do throws(DriverFailure) {
                addresses[target.instance] = try await block.address(of: target, driver)
            } catch {
                return .unknown("\(target.instance) cannot be found: \(error)")
            }
        }
        var shares: [String: Int] = [:]
        for instance in observation.instances where instance.group == .everyone {
            guard let share = instance.seen else { continue }
            // What is sent to where it is no longer does not reach it.
            let isReached = addresses[instance.name].map { $0 == instance.address } ?? true
            shares[instance.name] = isReached ? share : 0
        }
        return .seen(shares)
    }
}
