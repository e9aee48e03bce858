/// What was parsed before, by content: one changed file of many costs one parse. Belongs to one parser: another set of
/// drivers needs a new one.
package struct ManifestCache: Sendable {
    private var files: [String: ParsedFile] = [:]

    /// Empty.
    package init() {}

    /// How many files it holds.
    package var count: Int { files.count }

    /// Forgets every file whose content id is not among these, so that it stays as small as what is in use.
    package mutating func keep(only ids: Set<String>) {
        files = files.filter { ids.contains(String($0.key.drop { $0 != ":" }.dropFirst())) }
    }

    func file(_ role: ParsedFile.Role, _ id: String) -> ParsedFile? { files[ManifestCache.key(role, id)] }

    mutating func store(_ file: ParsedFile, _ role: ParsedFile.Role, _ id: String) {
        files[ManifestCache.key(role, id)] = file
    }

    private static func key(_ role: ParsedFile.Role, _ id: String) -> String { role.rawValue + ":" + id }
}
