/// What an engine says of itself.
struct EngineGreeting: Sendable {
    struct Answer: Decodable {
        struct Component: Decodable { var Name: String? }
        var ApiVersion: String?
        var MinAPIVersion: String?
        var Components: [Component]?
    }

    /// The least version of the API: Docker 20.10 and Podman 4.
    static let floor = "1.41"

    /// The version that we speak with it.
    var version: String
    var isPodman: Bool

    /// Nil where it speaks no version of the API that we need.
    init?(_ answer: Answer) {
        guard let most = Self.number(answer.ApiVersion), let floor = Self.number(Self.floor), most >= floor else {
            return nil
        }
        // A newer engine may have given up the old versions.
        let least = max(Self.number(answer.MinAPIVersion) ?? 0, floor)
        version = "1.\(least)"
        isPodman = answer.Components?.contains { $0.Name == "Podman Engine" } ?? false
    }

    private static func number(_ version: String?) -> Int? {
        guard let version, version.hasPrefix("1.") else { return nil }
        return Int(version.dropFirst(2))
    }
}
