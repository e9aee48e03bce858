import Model
import Processes

/// Brings balancers to a routing: works out weights, sets them, reads them back until they are what was wanted, lets
/// those that leave finish, and takes them away. Safe to repeat.
package struct Router: Sendable {
    private let balancers: Balancers

    /// How long it waits between tries, in milliseconds: a balancer may be away, or a server not yet up, for some seconds.
    private static let pauses: [Int64] = [0, 50, 100, 200, 400, 800, 1600, 3200, 3200]

    /// Which balancers there are is theirs.
    package init(_ balancers: Balancers) { self.balancers = balancers }

    /// Carries out a routing of a workload's instances, whose addresses are given by their names. `tell` takes lines, fit
    /// to be shown, that say how far it is. A cancelled task stops waiting and reports that as its failure.
    package func shift(
        _ routing: Routing, of workload: String, addresses: [String: String],
        tell: @Sendable (String) -> Void = { _ in }
    ) async -> ShiftReport {
        await balancers.lending {
            do throws(TrafficError) {
                let route = try Route(balancers, routing, workload, addresses)
                let settled = try await settle(route)
                let remarks = try await retire(settled.leaving, route, tell)
                let seen = try await patiently { () async throws(TrafficError) in try await route.balancer.observe() }
                let observation = route.observation(of: seen)
                return ShiftReport(
                    failure: nil, observation: observation, remarks: remarks + Router.remarks(observation, route))
            } catch {
                return ShiftReport(
                    failure: error.description, observation: RouteStatus(unknown: error.description), remarks: [])
            }
        }
    }

    /// What the balancer does with the workload's requests. Never throws: what cannot be seen is unknown.
    package func observe(
        _ routing: Routing, of workload: String, addresses: [String: String]
    ) async -> RouteStatus {
        await balancers.lending {
            do throws(TrafficError) {
                let route = try Route(balancers, routing, workload, addresses)
                return route.observation(
                    of: try await patiently { () async throws(TrafficError) in try await route.balancer.observe() })
            } catch {
                return RouteStatus(unknown: error.description)
            }
        }
    }

    /// Sets and reads back until what is seen is what is wanted. Gives those that leave.
    private func settle(_ route: Route) async throws(TrafficError) -> (seen: SeenServers, leaving: [SeenServer]) {
        let result: Result<(SeenServers, [SeenServer]), TrafficError> = await balancers.turn(await route.balancer.key())
        {
            var leaving: [SeenServer] = []
            var problem = TrafficError("the task was cancelled")
            let deadline = Monotonic.now + balancers.patience.milliseconds
            for pause in Router.pauses {
                guard await Router.sleep(pause), pause == 0 || Monotonic.now < deadline else { break }
                do throws(TrafficError) {
                    let seen = try await route.balancer.observe()
                    let wanted = try route.wanted(seen)
                    leaving.append(
                        contentsOf: wanted.leaving.filter { server in !leaving.contains { $0.isSame(as: server) } })
                    let differences = route.differences(from: seen, wanted) + route.unserved(seen, wanted)
                    if differences.isEmpty { return .success((seen, leaving)) }
                    problem = TrafficError("\(route.balancer.name): \(differences.prefix(3).joined(separator: "; "))")
                    try await route.balancer.apply(wanted.servers, leaving: wanted.leaving, route.matching)
                } catch {
                    guard error.isPassing else { return .failure(error) }
                    problem = error
                }
            }
            return .failure(problem)
        }
        let (seen, leaving) = try result.get()
        return (seen, leaving)
    }

    /// Waits until those that leave have nothing left to do, as long as the routing allows, and takes them away.
    private func retire(
        _ leaving: [SeenServer], _ route: Route, _ tell: @Sendable (String) -> Void
    ) async throws(TrafficError) -> [String] {
        guard !leaving.isEmpty || route.sendsAway else { return [] }
        let names = leaving.map(\.name).joined(separator: ", ")
        let deadline = Monotonic.now + route.routing.drain.milliseconds
        var remarks: [String] = []
        var pause: Int64 = 20
        var quiet = 0
        var said: Int?
        while true {
            let left: Int?
            do throws(TrafficError) { left = try await route.balancer.sessions(of: leaving) } catch {
                guard error.isPassing else { throw error }
                left = nil
            }
            // A request that was given to the server just before may not be counted yet: once is not enough.
            quiet = left == 0 ? quiet + 1 : 0
            if quiet == 2 { break }
            let rest = deadline - Monotonic.now
            if rest <= 0 {
                guard left != 0, !leaving.isEmpty else { break }
                let known = (left ?? said).map { "still had " + Plural.count($0, "request") }
                let what = known ?? "may still have had requests"
                remarks.append("\(names) \(what) after \(route.routing.drain): they are given up")
                break
            }
            if let left, left > 0, left != said {
                tell("\(names) \(leaving.count == 1 ? "finishes" : "finish") \(Plural.count(left, "request"))")
            }
            said = left ?? said
            guard await Router.sleep(min(pause, rest)) else { throw TrafficError("the task was cancelled") }
            if quiet == 0 { pause = min(pause * 2, 500) }
        }
        if !leaving.isEmpty {
            let result: Result<Void, TrafficError> = await balancers.turn(await route.balancer.key()) {
                do throws(TrafficError) {
                    return .success(
                        try await patiently { () async throws(TrafficError) in try await route.balancer.remove(leaving)
                        })
                } catch {
                    return .failure(error)
                }
            }
            try result.get()
        }
        return remarks
    }

    /// Tries again what fails for a moment.
    private nonisolated(nonsending) func patiently<R>(
        _ body: nonisolated(nonsending) () async throws(TrafficError) -> R
    ) async throws(TrafficError) -> R {
        var problem = TrafficError("the task was cancelled")
        let deadline = Monotonic.now + balancers.patience.milliseconds
        for pause in Router.pauses {
            guard await Router.sleep(pause), pause == 0 || Monotonic.now < deadline else { break }
            do throws(TrafficError) { return try await body() } catch {
                guard error.isPassing else { throw error }
                problem = error
            }
        }
        throw problem
    }

    private static func remarks(_ observation: RouteStatus, _ route: Route) -> [String] {
        let down = observation.instances.filter { $0.state == .down && $0.wanted > 0 }.map(\.name)
        var remarks: [String] = []
        if !down.isEmpty {
            remarks.append(
                "\(route.balancer.name): \(down.joined(separator: ", ")) did not pass the balancer's own check")
        }
        if !observation.foreign.isEmpty {
            let names = observation.foreign.prefix(5).map { VisibleText.line($0, limit: 60) }.joined(separator: ", ")
            remarks.append("\(route.balancer.name) also has servers that are not ours and stay as they are: \(names)")
        }
        return remarks
    }

    /// False where the task was cancelled.
    private nonisolated(nonsending) static func sleep(_ milliseconds: Int64) async -> Bool {
        if milliseconds <= 0 { return !Task.isCancelled }
        do {
            try await Task.sleep(for: .milliseconds(milliseconds))
            return true
        } catch {
            return false
        }
    }
}

extension SeenServer {
    /// Whether it is the same server at another time.
    func isSame(as other: SeenServer) -> Bool { name == other.name && group == other.group && address == other.address }
}
