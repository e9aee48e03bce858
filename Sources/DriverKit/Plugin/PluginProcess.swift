import Model
import Processes
import Synchronization

/// One process of a plugin, from its hello to its end.
actor PluginProcess {
    /// What it said of itself.
    nonisolated let hello: PluginHello
    /// How many requests it gets together.
    nonisolated let lanes: Slots
    /// How it ended; nil while it lives.
    nonisolated var death: PluginDeath? { life.withLock { $0.death } }

    private struct Life {
        var death: PluginDeath?
        /// Whether it is being ended, and is to be given nothing more.
        var isEnding = false
        /// On the monotonic clock.
        var lastUsed = Monotonic.now
    }

    private nonisolated let life = Mutex(Life())
    private let settings: PluginSettings
    private let process: KeptProcess
    private let born = Monotonic.now
    private var secrets: KnownSecrets
    private var open: [Int: OpenRequest] = [:]
    private var lastID = 0
    private var lastRemark = ""
    /// Bytes that it said since its last answer.
    private var chatter = 0
    /// Why we killed it.
    private var verdict: String?
    private var reading: Task<Void, Never>?

    init(_ settings: PluginSettings, _ process: KeptProcess, _ hello: PluginHello, _ secrets: KnownSecrets) {
        self.settings = settings
        self.process = process
        self.hello = hello
        self.secrets = secrets
        lanes = Slots(hello.parallel)
    }

    /// Begins to hear it.
    func begin() {
        reading = Task { await self.read() }
        watchIdleness()
    }

    /// Whether it may be given a request now; it is then not ended for being idle until long after.
    nonisolated func claim() -> Bool {
        life.withLock { life in
            life.lastUsed = Monotonic.now
            return life.death == nil && !life.isEnding
        }
    }

    /// Gives it a request and waits for what comes of it.
    func ask(_ request: PluginRequest) async -> PluginAnswer {
        var values: [SecretReference: Secret] = [:]
        do throws(SecretError) {
            for reference in request.references { values[reference] = try Self.text(reference) }
        } catch {
            return PluginAnswer(outcome: .error("\(error)"), output: "", duration: .zero)
        }
        secrets.add(values.values)
        lastID += 1
        let id = lastID
        let line = MessageWriter.line(
            request.message(id: id, deadline: settings.timeout), as: hello.form, secrets: values)
        guard line.count <= PluginProtocol.line else {
            return PluginAnswer(outcome: .tooLong, output: "", duration: .zero)
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { answered in
                let alarm = Alarm(WallClock.now() + settings.timeout) { [weak self] in
                    Task { await self?.stop(id, as: .timedOut) }
                }
                let entry = OpenRequest(request, deadline: alarm, answered: answered)
                if let death { return entry.end(.died(death.failure)) }
                if Task.isCancelled { return entry.end(.cancelled) }
                open[id] = entry
                process.write(line)
            }
        } onCancel: {
            Task { await self.stop(id, as: .cancelled) }
        }
    }

    /// Ends it: its input, and after a while the process. Returns once nothing of it is left.
    func close() async {
        life.withLock { $0.isEnding = true }
        process.endInput()
        let alarm = Alarm(WallClock.now() + PluginProtocol.grace) { [process] in process.kill() }
        await reading?.value
        alarm.cancel()
    }

    /// A secret that can stand in a message, which is text.
    static func text(_ reference: SecretReference) throws(SecretError) -> Secret {
        let secret = try SecretReader.read(reference)
        guard secret.withBytes({ String(validating: $0, as: UTF8.self) }) != nil else {
            throw SecretError(reference: reference, reason: "is not UTF-8, which is all that a plugin can be given")
        }
        return secret
    }

    private func read() async {
        while let event = await process.next() {
            switch event {
            case .line(let bytes): take(bytes)
            case .remark(let bytes, let length):
                chatter += length
                note(String(decoding: bytes, as: UTF8.self))
            case .lineTooLong: condemn("it printed a line of more than 1 MiB")
            case .ended(let ending): die(ending)
            }
            if chatter > PluginProtocol.chatter { condemn("it printed more than 64 MiB without an answer") }
        }
        await process.endDescendants()
    }

    private func take(_ line: [UInt8]) {
        chatter += line.count
        guard verdict == nil else { return }
        guard let message = PluginMessage(line: line) else {
            // A secret may stand in it in a form that we cannot see.
            let quote = String(decoding: line.prefix(200), as: UTF8.self)
            let shown = secrets.isEmpty ? ": " + VisibleText.line(quote, limit: 80) : ""
            return condemn("it printed a line that is no message of the protocol" + shown)
        }
        guard let id = message.id else {
            if let log = message.log { note(log) }
            return
        }
        guard open[id] != nil else { return condemn("it answered request \(id), which is not open") }
        if let log = message.log { open[id]?.note(secrets.redact(log)) }
        if let progress = message.progress { open[id]?.tell(secrets.redact(progress.line)) }
        if let error = message.error {
            let text = VisibleText.line(secrets.redact(error))
            answer(id, .error(text.isEmpty ? "it gave no reason" : text))
        } else if let result = message.result {
            answer(id, .result(result.redacted(by: secrets, digests: open[id]?.digests ?? [])))
        }
    }

    private func answer(_ id: Int, _ outcome: PluginAnswer.Outcome) {
        guard let entry = open.removeValue(forKey: id) else { return }
        chatter = 0
        life.withLock { $0.lastUsed = Monotonic.now }
        switch (outcome, entry.stopped) {
        case (.error, let stopped?): entry.end(stopped)
        default: entry.end(outcome)
        }
    }

    /// What it says of no request may be about any that is open.
    private func note(_ text: String) {
        let text = secrets.redact(text)
        lastRemark = text
        for id in open.keys { open[id]?.note(text) }
    }

    /// Has a request stopped: by the plugin where it can, else with it.
    private func stop(_ id: Int, as reason: PluginAnswer.Outcome) {
        guard let entry = open[id], entry.stopped == nil else { return }
        open[id]?.stopped = reason
        let kind = entry.request.kind.rawValue
        guard hello.capabilities.contains(.cancel) else {
            return condemn("its \(kind) had to be stopped, and it cannot do that itself")
        }
        process.write(MessageWriter.line(.map(["cancel": .int(id)]), as: hello.form))
        let seconds = PluginProtocol.grace
        _ = Alarm(WallClock.now() + seconds) { [weak self] in
            Task { await self?.insist(id, "it did not stop its \(kind) within \(seconds) of being told to") }
        }
    }

    private func insist(_ id: Int, _ reason: String) {
        if open[id] != nil { condemn(reason) }
    }

    /// Kills it for a reason.
    private func condemn(_ reason: String) {
        verdict = verdict ?? "was killed: \(reason)"
        process.kill()
    }

    private func die(_ ending: CommandResult.Ending) {
        let quote = lastRemark.isEmpty ? "" : "; it last said: " + VisibleText.line(lastRemark, limit: 200)
        let failure = PluginFailure(
            "the driver \(settings.name) \(verdict ?? ending.sentence)\(verdict == nil ? quote : "")")
        life.withLock {
            $0.death = PluginDeath(
                failure: failure, at: Monotonic.now, life: TimeSpan(milliseconds: Monotonic.now - born),
                wasWanted: !$0.isEnding)
        }
        let entries = open.values
        open = [:]
        for entry in entries { entry.end(entry.stopped ?? .died(failure)) }
    }

    /// Ends it once it was given nothing for a long time.
    private func watchIdleness() {
        let isBusy = !open.isEmpty
        let rest = life.withLock { life -> Int64? in
            guard life.death == nil, !life.isEnding else { return nil }
            let rest = settings.idle.milliseconds - (isBusy ? 0 : Monotonic.now - life.lastUsed)
            if rest <= 0 { life.isEnding = true }
            return rest
        }
        guard let rest else { return }
        guard rest > 0 else {
            Task { await self.close() }
            return
        }
        _ = Alarm(WallClock.now() + TimeSpan(milliseconds: rest)) { [weak self] in
            Task { await self?.watchIdleness() }
        }
    }
}
