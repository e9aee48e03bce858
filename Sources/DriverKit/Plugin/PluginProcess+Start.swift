import Model
import Processes

extension PluginProcess {
    /// Starts the program and waits for its hello. Throws where it cannot be started, speaks no version that we do, or
    /// says anything but hello.
    static func start(
        _ settings: PluginSettings, runner: ProcessRunner, environment inherited: [String: String],
        saidSecrets: Flag
    ) async throws(PluginFailure) -> PluginProcess {
        let name = settings.name
        let versions = PluginProtocol.versions
        let command = try settings.command(inherited)
        var secrets = KnownSecrets(wereSaid: saidSecrets)
        secrets.add(command.secrets.values)
        let kept: KeptProcess
        do throws(NotStarted) {
            kept = try await runner.keep(command)
        } catch {
            let reason = VisibleText.line(secrets.redact(error.reason))
            throw PluginFailure("the driver \(name) cannot be started: \(reason)")
        }
        kept.write(hello(versions))
        let isLate = Flag()
        let alarm = Alarm(WallClock.now() + PluginProtocol.patience) {
            isLate.set()
            kept.kill()
        }
        let said = await firstMessage(kept, secrets)
        alarm.cancel()
        do throws(PluginFailure) {
            if isLate.isSet {
                throw PluginFailure("the driver \(name) did not say hello within \(PluginProtocol.patience)")
            }
            let hello: PluginHello
            switch said {
            case .success(let found): hello = found
            case .failure(let failure): throw PluginFailure("the driver \(name) " + failure.reason)
            }
            try check(hello, settings, versions)
            let process = PluginProcess(settings, kept, hello, secrets)
            await process.begin()
            return process
        } catch {
            kept.kill()
            while await kept.next() != nil {}
            await kept.endDescendants()
            throw error
        }
    }

    private static func hello(_ versions: [Int]) -> [UInt8] {
        MessageWriter.line(.map(["hello": .map(["protocols": .list(versions.map { .int($0) })])]), as: .json)
    }

    /// Its hello, or what it did instead.
    private static func firstMessage(
        _ kept: KeptProcess, _ secrets: KnownSecrets
    ) async -> Result<PluginHello, PluginFailure> {
        var remark = ""
        while let event = await kept.next() {
            switch event {
            case .remark(let bytes, _): remark = secrets.redact(String(decoding: bytes, as: UTF8.self))
            case .lineTooLong: return .failure(PluginFailure("printed a line of more than 1 MiB instead of its hello"))
            case .line(let line):
                if let hello = PluginMessage(line: line)?.hello { return .success(hello) }
                let text = VisibleText.line(
                    secrets.redact(String(decoding: line.prefix(400), as: UTF8.self)), limit: 80)
                return .failure(PluginFailure("printed something else than its hello: \(text)"))
            case .ended(let ending):
                let quote = remark.isEmpty ? "" : "; it last said: " + VisibleText.line(remark, limit: 200)
                return .failure(PluginFailure("\(ending.sentence) before it said hello\(quote)"))
            }
        }
        return .failure(PluginFailure("ended before it said hello"))
    }

    private static func check(
        _ hello: PluginHello, _ settings: PluginSettings, _ versions: [Int]
    ) throws(PluginFailure) {
        let release = hello.release.isEmpty ? "" : " (version \(hello.release))"
        guard versions.contains(hello.version) else {
            let ours = versions.map(String.init).joined(separator: ", ")
            throw PluginFailure(
                "the driver \(settings.name)\(release) speaks version \(hello.version) of the protocol, and this "
                    + "reconcile speaks \(ours): install a version of one that fits the other")
        }
        guard hello.name == settings.name else {
            throw PluginFailure(
                "the program of the driver \(settings.name) says that it is the driver "
                    + "\(VisibleText.line(hello.name, limit: 80)): correct its `path` in reconcile.yaml")
        }
    }
}
