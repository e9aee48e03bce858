import DriverKit
import Model
import Processes

extension ContainerDriver {
    /// Why these containers must be left alone: another reconciler made one of them. Nil where all are ours.
    func refusal(of containers: [ListedContainer], at engine: Engine) -> String? {
        guard let owner else { return nil }
        return containers.lazy.compactMap {
            owner.refusal(of: $0.name, at: engine.name, $0.label(ContainerLabels.owner))
        }.first
    }

    /// One act at the engine of a target's block, in a slot: whatever goes wrong is in the report, without secrets. The body
    /// gives what the engine's answers say of the instance afterwards; nil where that has to be looked at.
    func act(
        _ target: InstanceTarget, _ body: (Engine, inout ActLog) async throws -> Observation?
    ) async -> ActReport {
        await slots.with {
            var log = ActLog(ContainerSpec.secrets(target.deployable.block))
            do {
                let observed = try await body(try await engine(for: target.deployable.block), &log)
                return log.report(nil, observed: observed)
            } catch let error as EngineError {
                return log.report(error.text(log.redactor))
            } catch {
                return log.report("\(error)")
            }
        }
    }
}
