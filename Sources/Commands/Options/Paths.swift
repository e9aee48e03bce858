/// Paths as text.
enum Paths {
    /// The folder of a file; `.` for a bare name.
    static func folder(of file: String) -> String {
        guard let slash = file.lastIndex(of: "/") else { return "." }
        return slash == file.startIndex ? "/" : String(file[..<slash])
    }

    /// A path as seen from a folder.
    static func join(_ folder: String, _ path: String) -> String {
        if path.hasPrefix("/") || folder == "." || folder.isEmpty { return path }
        return folder.hasSuffix("/") ? folder + path : folder + "/" + path
    }

    /// A repository as a file in `folder` names it: only a path of this machine is relative to it.
    static func address(_ address: String, from folder: String) -> String {
        address.contains(":") ? address : join(folder, address)
    }
}
