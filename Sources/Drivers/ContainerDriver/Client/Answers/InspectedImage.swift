/// An image as it is inspected; the keys are the API's own.
struct InspectedImage: Decodable, Sendable {
    struct Nothing: Decodable, Sendable {}
    struct Configuration: Decodable, Sendable { var ExposedPorts: [String: Nothing]? }

    var Id: String
    var RepoDigests: [String]?
    var Config: Configuration?
}
