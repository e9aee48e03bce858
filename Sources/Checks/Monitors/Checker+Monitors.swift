import Model
import Processes

extension Checker {
    /// Asks a monitor's question once. It ends within the monitor's timeout; several requests within their sum or a little
    /// more than the interval, whichever is shorter. What cannot be learnt is `none`, never a number. What an engine counts
    /// is not asked here.
    package func measure(_ monitor: Monitor, of subject: MonitorSubject) async -> Reading {
        switch monitor.probe {
        case .http(let probe):
            return await HTTPMeter(probe: probe, monitor: monitor).measure(subject, network)
        case .prometheus(let probe):
            return await PrometheusMeter(probe: probe, timeout: monitor.timeout).measure(subject, network)
        case .command(let text, let printsNumber):
            return await measure(text, printsNumber: printsNumber, monitor, subject)
        case .container: return .none("this is counted by the engine alone")
        }
    }

    /// Standard output alone is read as a number; the exit status counts where none is asked for.
    private func measure(
        _ text: Text, printsNumber: Bool, _ monitor: Monitor, _ subject: MonitorSubject
    ) async -> Reading {
        var variables = inherited.merging(subject.variables) { $1 }
        variables["RECONCILE_SIDE"] = subject.side.rawValue
        if let address = subject.address { variables["RECONCILE_ADDRESS"] = address }
        let purpose = "the command"
        let shell = ShellCommand(
            purpose: purpose, text: text, environment: variables, folder: subject.folder, timeout: monitor.timeout)
        let result: CommandResult
        do throws(SecretError) {
            let command = try shell.command(merged: false, outputLimit: 4096)
            result = await slots.with { await runner.run(command) }
        } catch {
            return .none(error.description)
        }
        let report = ShellReport(result: result, purpose: purpose, timeout: monitor.timeout)
        if !printsNumber, result.ending == .exited(1) { return .number(1, note: report.failure) }
        if let complaint = report.complaint { return .none(complaint) }
        guard printsNumber else { return .number(0) }
        let said = String(decoding: result.output, as: UTF8.self)
        let words = said.split(whereSeparator: \.isWhitespace)
        guard words.count == 1, let number = NumberText.read(words[0]) else {
            return .none(
                words.isEmpty
                    ? "the command printed nothing, a number was expected"
                    : "the command printed '\(VisibleText.line(words.joined(separator: " "), limit: 80))', a number was expected"
            )
        }
        return .number(number)
    }
}
