/// Paths inside a source as lists of names.
enum SourcePath {
    /// The names of a path; `.` and empty parts are dropped. Nil where a part leads upwards.
    static func parts(_ path: String) -> [String]? {
        let parts = path.utf8.split(separator: UInt8(ascii: "/")).compactMap { String($0) }.filter { $0 != "." }
        return parts.contains("..") ? nil : parts
    }

    /// A name joined to a folder's path.
    static func join(_ folder: String, _ name: String) -> String { folder.isEmpty ? name : folder + "/" + name }
}
