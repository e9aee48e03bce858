import Engine
import Model

/// What the engine tells while it works, as a line for people or for machines.
enum EventText {
    static func line(_ event: EngineEvent) -> String {
        var parts = [event.source, event.environment.map { VisibleText.line($0) }, event.outcome?.rawValue].compactMap {
            $0
        }
        if let step = event.step {
            parts.append("step \(step.id)" + (event.state.map { " \($0.rawValue)" } ?? ""))
        } else if event.outcome == nil {
            parts.append(event.kind.rawValue)
        }
        let text = VisibleText.line(event.text, limit: 2000)
        return parts.joined(separator: " ") + (text.isEmpty ? "" : ": " + text)
    }

    static func timed(_ event: EngineEvent) -> String { "\(event.at.iso8601) \(line(event))" }

    static func json(_ event: EngineEvent) -> String {
        JSONText.of(
            .map([
                "at": .string(event.at.iso8601), "event": .string(event.kind.rawValue),
                "source": JSONText.optional(event.source),
                "environment": JSONText.optional(event.environment), "reconcile": JSONText.optional(event.reconcile),
                "step": event.step.map { .map(ReportJSON.entries($0)) } ?? .null,
                "state": JSONText.optional(event.state?.rawValue),
                "outcome": JSONText.optional(event.outcome?.rawValue), "text": .string(event.text),
            ]))
    }
}
