import Glibc
import Model
import Processes

/// A driver that is a program of its own and speaks the protocol of `docs/drivers.md`.
package struct PluginDriver: Driver {
    private let settings: PluginSettings
    private let host: PluginHost
    private let slots: Slots

    /// Every request takes one of `slots`, so a caller must hold none of them. Of `baseEnvironment` the program gets
    /// only PATH, HOME, USER, LANG and TMPDIR. It is started with the first request.
    package init(_ settings: PluginSettings, runner: ProcessRunner, slots: Slots, baseEnvironment: [String: String]) {
        self.settings = settings
        self.slots = slots
        host = PluginHost(
            settings, runner: runner, environment: ShellCommand.inherited(from: baseEnvironment))
    }

    /// A block that may hold anything, and `files`.
    package var description: DriverDescription { PluginDriver.description(of: settings.name) }

    /// The same for a plugin that is only named.
    package static func description(of name: String) -> DriverDescription {
        DriverDescription(
            name: name,
            block: [
                .init(
                    "files", .list(.sourcePath), "Files and folders of the source that the driver finds in its folder.")
            ], isOpen: true,
            ignoredRolloutKeys: ["order": "rollout.order is not acted on: a driver updates an instance in place."])
    }

    /// The whole block and the files.
    package func runs(block: Value, files: [SourceFile]) -> Value {
        .map(["block": block, "files": SourceFile.value(of: files)])
    }

    /// Starts the program where it does not run, and gives what it says of itself. Throws where it cannot be used.
    package func hello() async throws(PluginFailure) -> PluginHello { try await host.living().hello }

    /// Whether the program ever said the value of a secret. It was redacted.
    package var hasSaidSecrets: Bool { host.saidSecrets.isSet }

    /// How often the program was started and said hello.
    package func starts() async -> Int { await host.starts }

    /// Another process of the program, to be told freely. Throws where it cannot be started.
    package func probe() async throws(PluginFailure) -> PluginProbe { try await host.probe() }

    /// Asks about many in one message where the plugin can; else about one after the other, as many together as it likes.
    package func observe(_ targets: [InstanceTarget]) async -> [Observation] {
        guard !targets.isEmpty else { return [] }
        let hello: PluginHello
        do throws(PluginFailure) {
            hello = try await self.hello()
        } catch {
            return targets.map { _ in .unknown(error.reason) }
        }
        let isMany = hello.capabilities.contains(.observeMany)
        let size = isMany ? PluginProtocol.batch : 1
        let parts = stride(from: 0, to: targets.count, by: size).map { targets[$0..<min($0 + size, targets.count)] }
        var answers = [[Observation]](repeating: [], count: parts.count)
        await withTaskGroup(of: (Int, [Observation]).self) { group in
            for (index, part) in parts.enumerated() {
                if index >= min(hello.parallel, slots.limit), let (done, answer) = await group.next() {
                    answers[done] = answer
                }
                group.addTask { (index, await observe(Array(part), isMany: isMany)) }
            }
            for await (done, answer) in group { answers[done] = answer }
        }
        return answers.flatMap { $0 }
    }

    /// Asks once.
    package func apply(_ target: InstanceTarget) async -> ActReport { await act(.apply, target) }

    /// Asks once.
    package func remove(_ target: InstanceTarget) async -> ActReport { await act(.remove, target) }

    /// Asks once, where the plugin can tell.
    package func health(_ target: InstanceTarget) async -> HealthReport? {
        do throws(PluginFailure) {
            guard try await hello().capabilities.contains(.health) else { return nil }
        } catch {
            return HealthReport(verdict: .inconclusive(error.reason), commands: [])
        }
        let answer = await ask(PluginRequest(kind: .health, targets: [target]))
        let verdict: Verdict =
            switch answer.outcome {
            case .result(let result) where result.healthy == true: .pass
            case .result(let result) where result.healthy == false:
                .fail(result.reason ?? "\(target.instance) is not healthy yet")
            default: .inconclusive(complaint(answer, "health") ?? "\(settings.name) did not say whether it is healthy")
            }
        return HealthReport(verdict: verdict, commands: [record(answer, "health")])
    }

    /// What the plugin said when it was last started; before that, that it may ask.
    package func asksHealth(block: Value) -> Bool { host.lastHello?.capabilities.contains(.health) ?? true }

    /// Ends the program.
    package func close() async { await host.close() }

    private func act(_ kind: PluginRequest.Kind, _ target: InstanceTarget) async -> ActReport {
        let answer = await ask(PluginRequest(kind: kind, targets: [target]))
        return ActReport(
            failure: complaint(answer, kind.rawValue), commands: [record(answer, kind.rawValue)])
    }

    private func observe(_ targets: [InstanceTarget], isMany: Bool) async -> [Observation] {
        let answer = await ask(PluginRequest(kind: .observe, targets: targets, isMany: isMany))
        if case .tooLong = answer.outcome, targets.count > 1 {
            let middle = targets.count / 2
            return await observe(Array(targets[..<middle]), isMany: isMany)
                + observe(Array(targets[middle...]), isMany: isMany)
        }
        guard case .result(let result) = answer.outcome else {
            return targets.map { _ in .unknown(complaint(answer, "observe") ?? "") }
        }
        let sights = isMany ? result.observations ?? [] : result.sight.map { [$0] } ?? []
        guard sights.count == targets.count else {
            let reason = "\(settings.name) gave \(sights.count) observations where \(targets.count) were asked for"
            return targets.map { _ in .unknown(reason) }
        }
        return sights.map { sight in
            switch sight.state {
            case .running: .running(sight.digest.flatMap { $0.isEmpty ? nil : $0 } ?? "something without a digest")
            case .absent: .absent
            case .unknown: .unknown(sight.reason ?? "\(settings.name) gave no reason")
            }
        }
    }

    private func ask(_ request: PluginRequest) async -> PluginAnswer {
        let process: PluginProcess
        do throws(PluginFailure) {
            process = try await host.living()
        } catch {
            return PluginAnswer(outcome: .died(error), output: "", duration: .zero)
        }
        var request = request
        for index in request.targets.indices { request.targets[index].folder = absolute(request.targets[index].folder) }
        // A lane first: whoever waits for this plugin must not keep others from their commands.
        return await process.lanes.with { [request] in
            await slots.with { await process.ask(request) }
        }
    }

    /// One sentence for what went wrong; nil where it did not.
    private func complaint(_ answer: PluginAnswer, _ purpose: String) -> String? {
        switch answer.outcome {
        case .result: nil
        case .error(let text): "\(purpose) failed: \(text)"
        case .tooLong: "\(purpose) failed: the block is longer than the 1 MiB that a message may be"
        case .timedOut: "\(purpose) timed out after \(settings.timeout)"
        case .cancelled: "\(purpose) was cancelled"
        case .died(let failure): failure.reason
        }
    }

    private func record(_ answer: PluginAnswer, _ purpose: String) -> CommandRecord {
        let status =
            switch answer.outcome {
            case .result: "answered"
            case .error(let text): "error: \(text)"
            case .tooLong: "not asked"
            case .timedOut: "timed out after \(settings.timeout)"
            case .cancelled: "cancelled"
            case .died(let failure): failure.reason
            }
        return CommandRecord(purpose: purpose, status: status, duration: answer.duration, output: answer.output)
    }

    /// The program runs elsewhere.
    private func absolute(_ folder: String) -> String {
        guard !folder.hasPrefix("/"), let here = getcwd(nil, 0) else { return folder }
        defer { free(here) }
        return String(cString: here) + "/" + folder
    }
}
