import Model
import Processes

/// Asks checks: one request, one connection or one command, one verdict each.
package struct Checker: Sendable {
    let runner: ProcessRunner
    let slots: Slots
    let inherited: [String: String]
    let network = Network()

    /// A command takes one of `slots`, so a caller must hold none of them. Of `baseEnvironment` it gets only PATH, HOME,
    /// USER, LANG and TMPDIR.
    package init(runner: ProcessRunner, slots: Slots, baseEnvironment: [String: String]) {
        self.runner = runner
        self.slots = slots
        inherited = ShellCommand.inherited(from: baseEnvironment)
    }

    /// Asks once, and answers within the check's timeout. `environment` and `folder` are for commands: the variables
    /// that they get besides ours, and where they run. The record is that of a command; nil for the others. A cancelled
    /// task gets `inconclusive`.
    package func ask(
        _ check: Check, purpose: String = "check", environment: [String: String], folder: String?
    ) async -> (verdict: Verdict, record: CommandRecord?) {
        switch check.probe {
        case .http(let url, let expect):
            return (await ask(url) { await HTTPCheck(url: $0, expect: expect).verdict($1, check.timeout) }, nil)
        case .port:
            return await ask(check.resolved(at: nil), purpose: purpose, environment: environment, folder: folder)
        case .tcp(let address):
            return (await ask(address) { await TCPCheck(address: $0).verdict($1, check.timeout) }, nil)
        case .command(let text):
            let command = ShellCommand(
                purpose: purpose, text: text, environment: inherited.merging(environment) { $1 }, folder: folder,
                timeout: check.timeout)
            let report = await slots.with { await runner.run(command) }
            guard let failure = report.failure else { return (.pass, report.record) }
            return (report.result.ending == .cancelled ? .inconclusive(failure) : .fail(failure), report.record)
        }
    }

    /// Gives back the threads and connections that checks over the network needed; a later check gets new ones. To be called
    /// when no check is being asked; a checker that is dropped does it by itself.
    package func close() async { await network.close() }

    /// Closes it when the last of those that run together has ended. Whatever asks checks belongs inside.
    package nonisolated(nonsending) func lending<R>(_ body: nonisolated(nonsending) () async -> R) async -> R {
        await network.begin()
        let result = await body()
        await network.end()
        return result
    }

    /// Reads an address, which may be a secret, asks, and takes the secret out of the reason.
    private func ask(_ text: Text, _ probe: (String, Network) async -> Verdict) async -> Verdict {
        switch text {
        case .plain(let address):
            return await probe(address, network)
        case .secret(let reference):
            do throws(SecretError) {
                let secret = try SecretReader.read(reference)
                let verdict = await probe(secret.withBytes { String(decoding: $0, as: UTF8.self) }, network)
                return Checker.hide(secret, in: verdict)
            } catch {
                return .fail(error.description)
            }
        }
    }

    private static func hide(_ secret: Secret, in verdict: Verdict) -> Verdict {
        let redactor = Redactor([secret])
        return switch verdict {
        case .pass: .pass
        case .fail(let reason): .fail(redactor.redact(reason))
        case .inconclusive(let reason): .inconclusive(redactor.redact(reason))
        }
    }
}
