/// Something that happened to a container; the keys are the API's own.
struct EngineEvent: Decodable, Sendable {
    struct Actor: Decodable, Sendable {
        var ID: String?
        var Attributes: [String: String]?
    }

    var Action: String?
    var Actor: Actor?
}
