/// Why a command could not do its work: what happened, what to do next, and with which status the process ends.
struct CommandFailure: Error, Hashable, Sendable, CustomStringConvertible {
    var message: String
    var advice: String
    /// 1 where it could not be done, 64 for wrong usage.
    var status: Int32

    init(_ message: String, advice: String = "", status: Int32 = 1) {
        self.message = message
        self.advice = advice
        self.status = status
    }

    static func usage(_ message: String, advice: String = "run `reconcile --help`") -> CommandFailure {
        CommandFailure(message, advice: advice, status: 64)
    }

    var description: String { advice.isEmpty ? message : "\(message); \(advice)" }
}
