import DriverKit
import Model
import Processes

extension ContainerDriver {
    /// One list for each engine and environment; what does not run is looked at more closely.
    package func observe(_ targets: [InstanceTarget]) async -> [Observation] {
        struct Group: Hashable {
            var access: EngineAccess
            var environment: String
        }
        var answers = [Observation](repeating: .absent, count: targets.count)
        var groups: [Group: [Int]] = [:]
        for (index, target) in targets.enumerated() {
            do throws(DriverFailure) {
                let access = try access(for: target.deployable.block)
                groups[Group(access: access, environment: target.environment), default: []].append(index)
            } catch {
                answers[index] = .unknown(error.reason)
            }
        }
        await withTaskGroup(of: [(Int, Observation)].self) { tasks in
            for (group, indices) in groups {
                tasks.addTask {
                    let engine = await engines.engine(group.access)
                    await engine.keep(group.environment)
                    let seen = await observe(indices.map { targets[$0] }, on: engine)
                    return Array(zip(indices, seen))
                }
            }
            for await seen in tasks { for (index, answer) in seen { answers[index] = answer } }
        }
        return answers
    }

    /// Targets of one engine and one environment.
    private func observe(_ targets: [InstanceTarget], on engine: Engine) async -> [Observation] {
        guard let first = targets.first else { return [] }
        let timeout = targets.map { self.timeout($0.deployable.block) }.max() ?? TimeSpan.seconds(60)
        var labels = [ContainerLabels.environment: first.environment]
        if Set(targets.map(\.workload)).count == 1 { labels[ContainerLabels.workload] = first.workload }
        if targets.count == 1 { labels[ContainerLabels.instance] = first.instance }
        let wanted = labels
        let found: [ListedContainer]
        switch await slots.with({ await ContainerDriver.list(wanted, engine, timeout) }) {
        case .success(let list): found = list
        case .failure(let error): return targets.map { _ in .unknown(error.description) }
        }
        let byInstance = Dictionary(grouping: found) { $0.label(ContainerLabels.instance) ?? "" }
        var answers: [Observation] = []
        var closer = 3
        for target in targets {
            let ours = (byInstance[target.instance] ?? []).filter {
                $0.label(ContainerLabels.workload) == target.workload
            }
            if let refusal = refusal(of: ours, at: engine) {
                answers.append(.unknown(refusal))
                continue
            }
            let isUp = ours.count == 1 && ours[0].State == "running"
            if !isUp, !ours.isEmpty { closer -= 1 }
            answers.append(
                await ContainerDriver.observation(of: ours, target, engine, looksCloser: closer >= 0, timeout))
        }
        return answers
    }

    static func list(
        _ labels: [String: String], _ engine: Engine, _ timeout: TimeSpan
    ) async -> Result<[ListedContainer], EngineError> {
        do throws(EngineError) {
            return .success(try await engine.list(labels, timeout: timeout))
        } catch {
            return .failure(error)
        }
    }

    private static func observation(
        of ours: [ListedContainer], _ target: InstanceTarget, _ engine: Engine, looksCloser: Bool, _ timeout: TimeSpan
    ) async -> Observation {
        guard let container = ours.first else { return .absent }
        if ours.count > 1 {
            return .running("\(ours.count) containers: " + VisibleText.line(ours.map(\.name).joined(separator: ", ")))
        }
        if container.State == "running" {
            return .running(VisibleText.line(container.label(ContainerLabels.digest) ?? "", limit: 200))
        }
        let state = name(ofState: container.State)
        guard looksCloser, state == "exited" || state == "restarting" || state == "dead" else { return .running(state) }
        return .running(await ending(of: container.Id, target, engine, timeout) ?? state)
    }

    /// Podman says `stopped` of what it has not yet cleaned up after.
    private static func name(ofState state: String?) -> String {
        state == "stopped" ? "exited" : VisibleText.line(state ?? "in no state", limit: 40)
    }

    /// How a container ended and what it said last; nil where it cannot be told, or it runs.
    static func ending(
        of container: String, _ target: InstanceTarget, _ engine: Engine, _ timeout: TimeSpan
    ) async -> String? {
        guard let found = try? await engine.inspect(container: container, timeout: timeout),
            found.State.Status != "running"
        else { return nil }
        return await ending(found, target, engine, timeout)
    }

    static func ending(
        _ found: InspectedContainer, _ target: InstanceTarget, _ engine: Engine, _ timeout: TimeSpan
    ) async -> String {
        var text = "\(name(ofState: found.State.Status)) (\(found.State.ExitCode ?? 0))"
        if found.State.OOMKilled == true { text += ", for want of memory" }
        let redactor = ContainerSpec.redactor(target.deployable.block)
        if let error = found.State.Error, !error.isEmpty {
            text += ": " + VisibleText.line(redactor.redact(error), limit: 200)
        } else if let said = try? await engine.logs(found.Id, lines: 3, timeout: timeout), !said.isEmpty {
            let lines = redactor.redact(said).split(separator: 10).suffix(3)
            text +=
                ": "
                + VisibleText.line(
                    lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " / "), limit: 300)
        }
        return text
    }
}
