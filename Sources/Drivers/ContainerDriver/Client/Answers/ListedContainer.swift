/// A container as a list has it; the keys are the API's own.
struct ListedContainer: Decodable, Sendable {
    struct Port: Decodable, Sendable {
        var IP: String?
        var PrivatePort: Int
        var PublicPort: Int?
        var `Type`: String?
    }

    struct Network: Decodable, Sendable { var IPAddress: String? }
    struct Networks: Decodable, Sendable { var Networks: [String: Network]? }
    struct Host: Decodable, Sendable { var NetworkMode: String? }

    var Id: String
    var Names: [String]?
    var Labels: [String: String]?
    var State: String?
    var Status: String?
    var Ports: [Port]?
    var NetworkSettings: Networks?
    var HostConfig: Host?

    func label(_ name: String) -> String? { Labels?[name] }

    /// Without the slash that the API puts before it.
    var name: String { Names?.first.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 } ?? Id }
}
