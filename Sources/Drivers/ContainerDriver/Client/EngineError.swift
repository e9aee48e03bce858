import Model
import Processes

/// Why an engine did not do what it was asked. What it said is kept whole until it is shown: secrets that were cut in half
/// would not be found.
struct EngineError: Error, Sendable, CustomStringConvertible {
    enum Kind: Sendable, Hashable {
        /// No connection, or none that lasted.
        case unreachable(String)
        /// No answer in time.
        case late(TimeSpan)
        /// An answer that is no success: its status and what it says, not yet fit to be shown.
        case refused(Int, String)
        /// An answer that cannot be read.
        case garbled(String)
        /// It is too old, or not an engine, or we cannot speak to it at all.
        case unusable(String)
        case cancelled
    }

    var engine: String
    /// What it was asked, `create web-1`.
    var call: String
    var kind: Kind

    var status: Int? {
        if case .refused(let status, _) = kind { return status }
        return nil
    }

    /// What the engine said, as it said it.
    var message: String {
        if case .refused(_, let message) = kind { return message }
        return ""
    }

    /// Without anything hidden; for what no secret was sent with.
    var description: String { text(Redactor([])) }

    /// One sentence, fit to be shown, in which secrets are hidden.
    func text(_ redactor: Redactor) -> String {
        switch kind {
        case .unreachable(let reason): "\(call): no engine can be reached at \(engine): \(reason); does it run?"
        case .late(let span): "\(call): the engine at \(engine) did not answer within \(span)"
        case .refused(let status, let said):
            shown(status, VisibleText.line(redactor.redact(said), limit: 400))
        case .garbled(let reason): "\(call): the engine at \(engine) answered what cannot be read: \(reason)"
        case .unusable(let reason): "\(call): the engine at \(engine) cannot be used: \(reason)"
        case .cancelled: "\(call) was cancelled"
        }
    }

    private func shown(_ status: Int, _ message: String) -> String {
        if self.message.contains("no space left on device") {
            "\(call): the engine at \(engine) has no disk space left: \(message)"
        } else if status >= 500 {
            "\(call): the engine at \(engine) answered \(status): \(message)"
        } else {
            "\(call): \(message)"
        }
    }
}
