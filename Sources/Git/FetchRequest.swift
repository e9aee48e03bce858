import Model

/// What the worker is told, on its standard input.
struct FetchRequest: Codable {
    var address: String
    var branch: String
    var stateFolder: String
    var user: String?
    var token: String?

    /// The mirror's reference that follows this branch of this address. Another address or branch has another one, so
    /// that a changed setting never shows the old source's revision; a digest cannot clash with another name.
    var reference: String { FetchRequest.reference(address: address, branch: branch) }

    static func reference(address: String, branch: String) -> String {
        "refs/sources/" + Digest(of: .list([.string(address), .string(branch)])).hex
    }
}
