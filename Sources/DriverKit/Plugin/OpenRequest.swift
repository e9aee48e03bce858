import Model
import Processes

/// A request that a plugin was given and has not answered yet.
struct OpenRequest {
    let request: PluginRequest
    let answered: CheckedContinuation<PluginAnswer, Never>
    let began = Monotonic.now
    let deadline: Alarm
    /// Why it was told to stop; nil while it may go on.
    var stopped: PluginAnswer.Outcome?
    private var output = Capture(limit: PluginProtocol.output, margin: 0)
    private var toldAt = Int64.min

    init(_ request: PluginRequest, deadline: Alarm, answered: CheckedContinuation<PluginAnswer, Never>) {
        self.request = request
        self.deadline = deadline
        self.answered = answered
    }

    /// Keeps a line that was said, redacted.
    mutating func note(_ line: String) {
        var line = Array(line.utf8)
        if line.last != 10 { line.append(10) }
        line.withUnsafeBytes { output.append($0) }
    }

    /// Hands on how far it is, ten times a second at most.
    mutating func tell(_ text: String) {
        let now = Monotonic.now
        guard now - 100 >= toldAt else { return }
        toldAt = now
        for target in request.targets { target.tell(VisibleText.line(text, limit: 500)) }
    }

    func end(_ outcome: PluginAnswer.Outcome) {
        deadline.cancel()
        let said = output.redacted(by: Redactor([]), endsWhole: true)
        answered.resume(
            returning: PluginAnswer(
                outcome: outcome, output: String(decoding: said, as: UTF8.self),
                duration: TimeSpan(milliseconds: Monotonic.now - began)))
    }
}
