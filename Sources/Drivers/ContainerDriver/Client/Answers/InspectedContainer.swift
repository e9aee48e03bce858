/// A container as it is inspected; the keys are the API's own.
struct InspectedContainer: Decodable, Sendable {
    struct LogEntry: Decodable, Sendable {
        var ExitCode: Int?
        var Output: String?
    }

    struct Health: Decodable, Sendable {
        var Status: String?
        var Log: [LogEntry]?
    }

    struct Condition: Decodable, Sendable {
        var Status: String?
        var Running: Bool?
        var OOMKilled: Bool?
        var ExitCode: Int?
        var Error: String?
        var Health: Health?
    }

    struct Configuration: Decodable, Sendable { var Labels: [String: String]? }

    var Id: String
    var State: Condition
    var RestartCount: Int?
    var Config: Configuration?

    func label(_ name: String) -> String? { Config?.Labels?[name] }

    /// Nil where nothing asks for its health.
    var health: String? {
        guard let status = self.State.Health?.Status, !status.isEmpty, status != "none" else { return nil }
        return status
    }
}
