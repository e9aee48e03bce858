import DriverKit
import Model
import Processes

extension ContainerDriver {
    /// Stops with the grace and removes every container of ours at the instance; none is fine.
    package func remove(_ target: InstanceTarget) async -> ActReport {
        await act(target) { engine, log in
            let found = try await engine.list(
                ContainerLabels.finding(target), timeout: timeout(target.deployable.block))
            if let refusal = refusal(of: found, at: engine) { throw DriverFailure(refusal) }
            for container in found {
                try await take(container.Id, isPaused: container.State == "paused", target, engine, &log)
            }
            // The engine answers only when a container is gone.
            return .absent
        }
    }
}
