import Checks
import Model
import Processes
import Synchronization

/// Every balancer that a `traffic` block may name. Each is changed by one at a time.
package final class Balancers: Sendable {
    private let runner: ProcessRunner
    private let timeout: TimeSpan
    /// How long something that fails for a moment is tried again.
    let patience: TimeSpan
    private let network = Network()
    private let turns = Mutex<[String: Slots]>([:])

    /// `runner` runs the commands that some balancers need. A balancer must answer within `timeout`; what fails for a
    /// moment, as in a reload, is tried again for as long as `patience`.
    package init(runner: ProcessRunner, timeout: TimeSpan = .seconds(5), patience: TimeSpan = .seconds(12)) {
        self.runner = runner
        self.timeout = timeout
        self.patience = patience
    }

    /// The balancer of a `traffic` block that was checked; nil where the block names none, so that only the driver itself
    /// can shift traffic. Throws for what the schema cannot say.
    package func balancer(for traffic: Value) throws(TrafficError) -> (any Balancer)? {
        if traffic["haproxy"] != .null {
            return HAProxyBalancer(try HAProxySettings(traffic["haproxy"]), network: network, timeout: timeout)
        }
        if traffic["nginx"] != .null {
            return NginxBalancer(try NginxSettings(traffic["nginx"]), runner: runner)
        }
        if traffic["caddy"] != .null {
            return CaddyBalancer(try CaddySettings(traffic["caddy"]), network: network, timeout: timeout)
        }
        return nil
    }

    /// Runs the body when no other change of the same balancer is under way.
    nonisolated(nonsending) func turn<R>(_ key: String, _ body: nonisolated(nonsending) () async -> R) async -> R {
        let slots = turns.withLock { turns in
            if let slots = turns[key] { return slots }
            let slots = Slots(1, heedsCancellation: false)
            turns[key] = slots
            return slots
        }
        return await slots.with(body)
    }

    /// Keeps what connections need for as long as the body runs.
    nonisolated(nonsending) func lending<R>(_ body: nonisolated(nonsending) () async -> R) async -> R {
        await network.begin()
        let result = await body()
        await network.end()
        return result
    }
}
