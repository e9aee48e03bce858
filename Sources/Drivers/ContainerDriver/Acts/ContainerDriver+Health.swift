import DriverKit
import Model
import Processes

extension ContainerDriver {
    /// Whether the container runs, and what its HEALTHCHECK says where it has one.
    package func health(_ target: InstanceTarget) async -> HealthReport? {
        let start = Monotonic.now
        let verdict = await slots.with { await ask(target) }
        let status: String
        let said: String
        switch verdict {
        case .pass: (status, said) = ("healthy", "")
        case .fail(let reason): (status, said) = ("not healthy", reason)
        case .inconclusive(let reason): (status, said) = ("not known", reason)
        }
        let record = CommandRecord(
            purpose: "health", status: status, duration: TimeSpan(milliseconds: Monotonic.now - start), output: said)
        return HealthReport(verdict: verdict, commands: [record])
    }

    /// Restarts and ends for want of memory, as the engine counts them.
    package func vitals(_ target: InstanceTarget) async -> Vitals? {
        await slots.with {
            guard let engine = try? await engine(for: target.deployable.block),
                let found = try? await engine.inspect(
                    container: target.containerName, timeout: timeout(target.deployable.block)),
                found.label(ContainerLabels.instance) == target.instance
            else { return nil }
            return Vitals(
                isRunning: found.State.Status == "running", restarts: found.RestartCount ?? 0,
                outOfMemory: found.State.OOMKilled == true ? 1 : 0)
        }
    }

    private func ask(_ target: InstanceTarget) async -> Verdict {
        let (block, name) = (target.deployable.block, target.containerName)
        let timeout = timeout(block)
        do {
            let engine = try await engine(for: block)
            guard let found = try await engine.inspect(container: name, timeout: timeout),
                found.label(ContainerLabels.instance) == target.instance
            else { return .fail("there is no container \(name)") }
            guard found.State.Status == "running" else {
                return .fail(await ContainerDriver.ending(found, target, engine, timeout))
            }
            guard var status = found.health else { return .pass }
            if status != "healthy", try await engine.greet(timeout).isPodman {
                status = try await engine.askHealth(name, timeout: timeout) ?? status
            }
            guard status != "healthy" else { return .pass }
            let said = found.State.Health?.Log?.last?.Output ?? ""
            let quote = ContainerSpec.redactor(block).redact(said).split(separator: "\n").last.map { ": \($0)" } ?? ""
            return .fail("its health check says \(VisibleText.line(status + quote, limit: 300))")
        } catch let error as EngineError where error.kind == .cancelled {
            return .inconclusive(error.description)
        } catch {
            return .fail("\(error)")
        }
    }
}
