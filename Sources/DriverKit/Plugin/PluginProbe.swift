import Model
import Processes

/// One process of a plugin that can be told anything, to see how it keeps to the protocol.
package final class PluginProbe: Sendable {
    /// What it said to a message.
    package enum Reply: Hashable, Sendable {
        case result
        case error
        /// It said nothing in time, or something else; one sentence.
        case nothing(String)
    }

    private let process: KeptProcess
    private let settings: PluginSettings

    init(_ process: KeptProcess, _ settings: PluginSettings) {
        self.process = process
        self.settings = settings
    }

    /// Offers versions, with further keys beside them. Its hello; nil where it ended or was silent for ten seconds. Throws
    /// where it says anything else.
    package func greet(_ versions: [Int], more: [String: Value] = [:]) async throws(PluginFailure) -> PluginHello? {
        let hello: Value = .map(more.merging(["protocols": .list(versions.map { .int($0) })]) { _, new in new })
        process.write(MessageWriter.line(.map(more.merging(["hello": hello]) { _, new in new }), as: .json))
        guard let line = await line() else { return nil }
        guard let message = PluginMessage(line: line) else {
            throw PluginFailure("it printed a line that is no message")
        }
        if let hello = message.hello { return hello }
        if message.error != nil { return nil }
        throw PluginFailure("it said something else than hello")
    }

    /// Tells it a message in the form that it asked for.
    package func tell(_ message: Value, _ hello: PluginHello) {
        process.write(MessageWriter.line(message, as: hello.form))
    }

    /// Gives it a request of any name about an instance, with further keys, and waits for the answer.
    package func ask(
        _ request: String, _ target: InstanceTarget, id: Int, more: [String: Value] = [:], _ hello: PluginHello
    ) async -> Reply {
        let plain = PluginRequest(kind: .observe, targets: [target])
        var secrets: [SecretReference: Secret] = [:]
        for reference in plain.references {
            guard let secret = try? PluginProcess.text(reference) else { return .nothing("a secret cannot be read") }
            secrets[reference] = secret
        }
        var message = plain.message(id: id, deadline: settings.timeout).map
        message["request"] = .string(request)
        message.merge(more) { _, new in new }
        process.write(MessageWriter.line(.map(message), as: hello.form, secrets: secrets))
        while let line = await line() {
            guard let message = PluginMessage(line: line) else {
                return .nothing("it printed a line that is no message")
            }
            guard message.id == id else { continue }
            if message.error != nil { return .error }
            if message.result != nil { return .result }
        }
        return .nothing("it gave no answer")
    }

    /// Ends its input. Whether it ended by itself in time. Nothing of it is left afterwards.
    package func end() async -> Bool {
        process.endInput()
        let isLate = Flag()
        let alarm = Alarm(WallClock.now() + PluginProtocol.grace) { [process] in
            isLate.set()
            process.kill()
        }
        while await process.next() != nil {}
        alarm.cancel()
        await process.endDescendants()
        return !isLate.isSet
    }

    /// Its next line; nil where it ended or was silent for too long, and is then killed.
    private func line() async -> [UInt8]? {
        let alarm = Alarm(WallClock.now() + PluginProtocol.patience) { [process] in process.kill() }
        defer { alarm.cancel() }
        while let event = await process.next() {
            if case .line(let bytes) = event { return bytes }
        }
        return nil
    }
}
