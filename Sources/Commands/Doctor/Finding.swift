/// One thing that `doctor` looked at.
struct Finding: Sendable {
    enum Level: String, Sendable {
        case ok, warning, problem
    }

    var level: Level
    var subject: String
    /// What was found and, where it is not in order, what to do.
    var text: String

    static func ok(_ subject: String, _ text: String) -> Finding { Finding(level: .ok, subject: subject, text: text) }
    static func warning(_ subject: String, _ text: String) -> Finding {
        Finding(level: .warning, subject: subject, text: text)
    }
    static func problem(_ subject: String, _ text: String) -> Finding {
        Finding(level: .problem, subject: subject, text: text)
    }
}
