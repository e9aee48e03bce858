import DriverKit
import Model
import Processes

extension ContainerDriver {
    /// Stops with the grace and removes every container of ours at the instance; none is fine.
    package func remove(_ target: InstanceTarget) async -> ActReport {
        await slots.with {
            var log = ActLog(ContainerSpec.redactor(target.deployable.block))
            do {
                let engine = try await engine(for: target.deployable.block)
                try await clear(target, on: engine, &log)
                return log.report(nil)
            } catch let error as EngineError {
                return log.report(error.description)
            } catch let error as DriverFailure {
                return log.report(error.reason)
            } catch {
                return log.report("\(error)")
            }
        }
    }

    private func clear(_ target: InstanceTarget, on engine: Engine, _ log: inout ActLog) async throws {
        let found = try await engine.list(ContainerLabels.finding(target), timeout: timeout(target.deployable.block))
        for container in found {
            try await take(container.Id, isPaused: container.State == "paused", target, engine, &log)
        }
    }
}
