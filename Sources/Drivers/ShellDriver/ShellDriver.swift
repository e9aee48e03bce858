import DriverKit
import Model
import Processes

/// Reaches whatever a command line reaches: the manifest says how to see, put in place and remove an instance.
package struct ShellDriver: Driver {
    private let runner: ProcessRunner
    private let slots: Slots
    private let inherited: [String: String]

    /// Every command takes one of `slots`, so a caller must hold none of them. Of `baseEnvironment` commands get only
    /// PATH, HOME, USER, LANG and TMPDIR.
    package init(runner: ProcessRunner, slots: Slots, baseEnvironment: [String: String]) {
        self.runner = runner
        self.slots = slots
        inherited = ShellCommand.inherited(from: baseEnvironment)
    }

    /// `env`, `apply` and the files: paths, modes and contents.
    package func runs(block: Value, files: [SourceFile]) -> Value {
        .map(["env": .map(block["env"].map), "apply": block["apply"], "files": SourceFile.value(of: files)])
    }

    /// Runs every `observe`, as many together as there are slots.
    package func observe(_ targets: [InstanceTarget]) async -> [Observation] {
        await slots.map(targets) { await observe($0) }
    }

    /// Runs `apply` once.
    package func apply(_ target: InstanceTarget) async -> ActReport { await act("apply", target) }

    /// Runs `remove` once.
    package func remove(_ target: InstanceTarget) async -> ActReport { await act("remove", target) }

    /// Runs `health` once, where there is one.
    package func health(_ target: InstanceTarget) async -> HealthReport? {
        guard let command = command("health", target) else { return nil }
        let report = await slots.with { await runner.run(command) }
        let verdict: Verdict =
            switch (report.result.ending, report.failure) {
            case (_, nil): .pass
            case (.cancelled, let reason?): .inconclusive(reason)
            case (_, let reason?): .fail(reason)
            }
        return HealthReport(verdict: verdict, commands: [report.record])
    }

    /// Runs every instance's `traffic`, as many together as there are slots; nil where one has none.
    package func route(_ targets: [InstanceTarget]) async -> ActReport? {
        guard targets.allSatisfy({ Text($0.deployable.block["traffic"]) != nil }) else { return nil }
        return await ActReport.joining(targets, together: slots.limit) { await act("traffic", $0) }
    }

    /// Whether the block has a `health`.
    package func asksHealth(block: Value) -> Bool { Text(block["health"]) != nil }

    private func act(_ purpose: String, _ target: InstanceTarget) async -> ActReport {
        guard let command = command(purpose, target) else {
            return ActReport(failure: "the manifest has no shell.\(purpose)", commands: [])
        }
        let report = await slots.with { await runner.run(command) }
        return ActReport(failure: report.failure, commands: [report.record])
    }

    /// The caller holds a slot.
    private func observe(_ target: InstanceTarget) async -> Observation {
        guard let shell = command("observe", target) else { return .unknown("the manifest has no shell.observe") }
        let command: Command
        do throws(SecretError) {
            command = try shell.command(merged: false, outputLimit: 4096)
        } catch {
            return .unknown("observe could not start: \(error)")
        }
        let result = await runner.run(command)
        if let complaint = ShellReport(result: result, purpose: shell.purpose, timeout: shell.timeout).complaint {
            return .unknown(complaint)
        }
        let text = trimmed(result.output)
        if text.isEmpty { return .absent }
        // A short secret may happen to be part of the digest, and is then hidden in what came back.
        let wanted = target.deployable.digest.hex
        let isWanted = text == Redactor(command.secrets.values).redact(wanted)
        return .running(isWanted ? wanted : VisibleText.line(text, limit: 200))
    }

    /// The command of the block for one purpose with the environment of the contract; nil where the block has none.
    private func command(_ purpose: String, _ target: InstanceTarget) -> ShellCommand? {
        let block = target.deployable.block
        guard let text = Text(block[purpose]) else { return nil }
        var environment = inherited
        var secrets: [String: SecretReference] = [:]
        for (name, value) in block["env"].map where !name.hasPrefix(Schema.ownVariables) {
            switch Text(value) {
            case .plain(let text): environment[name] = text
            case .secret(let reference): secrets[name] = reference
            case nil: break
            }
        }
        environment["RECONCILE_ENVIRONMENT"] = target.environment
        environment["RECONCILE_WORKLOAD"] = target.workload
        environment["RECONCILE_INSTANCE"] = target.instance
        environment["RECONCILE_INDEX"] = String(target.index)
        environment["RECONCILE_DIGEST"] = target.deployable.digest.hex
        environment["RECONCILE_COMMIT"] = target.commit
        environment["RECONCILE_WEIGHT"] = String(target.weight)
        let timeout = block["timeout"].int.map { TimeSpan(milliseconds: Int64($0)) } ?? .seconds(60)
        return ShellCommand(
            purpose: purpose, text: text, environment: environment, secrets: secrets, folder: target.folder,
            timeout: timeout)
    }

    private func trimmed(_ bytes: [UInt8]) -> String {
        let isBlank = { (byte: UInt8) in byte == 32 || (9...13).contains(byte) }
        let start = bytes.drop(while: isBlank)
        let end = start.lastIndex { !isBlank($0) }
        return String(decoding: end.map { start[...$0] } ?? [], as: UTF8.self)
    }
}
