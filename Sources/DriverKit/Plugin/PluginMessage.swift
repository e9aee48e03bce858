import FoundationEssentials

/// One line of a plugin. Keys that we do not know are passed over.
struct PluginMessage: Decodable, Sendable {
    /// How far a request is.
    struct Progress: Decodable, Sendable {
        var text: String?
        var done: Int?
        var of: Int?
    }

    /// What was seen of one instance.
    struct Sight: Decodable, Sendable {
        enum State: String, Decodable, Sendable {
            case running, absent, unknown
        }

        var state: State
        var digest: String?
        var reason: String?
    }

    /// The answer to a request; which of it counts depends on what was asked.
    struct Result: Decodable, Sendable {
        var state: Sight.State?
        var digest: String?
        var reason: String?
        var healthy: Bool?
        var observations: [Sight]?

        /// The answer to `observe` of one instance.
        var sight: Sight? { state.map { Sight(state: $0, digest: digest, reason: reason) } }
    }

    var hello: PluginHello?
    var id: Int?
    var log: String?
    var progress: Progress?
    var result: Result?
    var error: String?

    /// Nil where the line is no message.
    init?(line: [UInt8]) {
        guard let message = try? JSONDecoder().decode(PluginMessage.self, from: Data(line)) else { return nil }
        self = message
    }
}
