import Model

/// What became of a line of a manifest, for records and for people.
package struct ShellReport: Sendable {
    /// What became of the process.
    package var result: CommandResult
    private let purpose: String
    private let timeout: TimeSpan

    /// All parts.
    package init(result: CommandResult, purpose: String, timeout: TimeSpan) {
        self.result = result
        self.purpose = purpose
        self.timeout = timeout
    }

    /// The record for `show`.
    package var record: CommandRecord {
        let status =
            switch result.ending {
            case .exited(let code): "exit \(code)"
            case .signaled(let signal): "signal \(signal)"
            case .timedOut: "timed out after \(timeout)"
            case .cancelled: "cancelled"
            case .notStarted(let reason): "not started: \(reason)"
            }
        return CommandRecord(
            purpose: purpose, status: status, duration: result.duration,
            output: String(decoding: result.output + result.errors, as: UTF8.self))
    }

    /// One sentence that says what went wrong and ends with the last line that it said; nil where it succeeded.
    package var failure: String? {
        sentence(quoting: ShellReport.lines(result.output + result.errors).last)
    }

    /// As `failure`, ending with the first line on standard error: for a command whose outputs are not merged.
    package var complaint: String? {
        sentence(quoting: ShellReport.lines(result.errors).first)
    }

    /// The lines that hold more than white space.
    private static func lines(_ bytes: [UInt8]) -> [String] {
        bytes.split(whereSeparator: { $0 == 10 || $0 == 13 }).filter { $0.contains { $0 > 32 } }
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private func sentence(quoting line: String?) -> String? {
        let quote = line.map { ": " + VisibleText.line($0, limit: 200) } ?? ""
        return switch result.ending {
        case .exited(0): nil
        case .exited(let code): "\(purpose) exited \(code)\(quote)"
        case .signaled(let signal): "\(purpose) was ended by signal \(signal)\(quote)"
        case .timedOut: "\(purpose) timed out after \(timeout)\(quote)"
        case .cancelled: "\(purpose) was cancelled"
        case .notStarted(let reason): "\(purpose) could not start: \(VisibleText.line(reason))"
        }
    }
}
