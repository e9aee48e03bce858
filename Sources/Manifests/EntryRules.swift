import Model

/// What may stand in an environment's folder, and which of it is a manifest.
struct EntryRules {
    /// The environment's folder, empty for the source's own.
    let folder: String

    private var start: String { folder.isEmpty ? "" : folder + "/" }
    var policyPath: String { start + "environment.yaml" }

    /// The role of an entry; nil for what is no manifest.
    func role(of entry: SourceFile) -> ParsedFile.Role? {
        guard entry.kind == .file || entry.kind == .executable, entry.path.hasPrefix(start) else { return nil }
        if entry.path == policyPath { return .policy }
        let isYAML = entry.path.hasSuffix(".yaml") || entry.path.hasSuffix(".yml")
        if folder.isEmpty, ManifestParser.defaultNames.contains(entry.path) { return nil }
        return isYAML && problem(with: entry) == nil ? .workloads : nil
    }

    /// Why an entry is refused, one sentence; nil where it is not.
    func problem(with entry: SourceFile) -> String? {
        let name = entry.path.split(separator: "/").last.map(String.init) ?? ""
        switch entry.kind {
        case .symlink: return "\(entry.path) is a symbolic link: put the file itself there"
        case .submodule: return "\(entry.path) is a submodule: put its files there"
        case .file, .executable: break
        }
        if let reason = EntryRules.oddity(of: entry.path) { return "the path \(reason): rename the file" }
        if name == "environment.yml" { return "rename it to environment.yaml" }
        if name == "environment.yaml", entry.path != policyPath {
            return "an environment cannot stand inside another one: move its folder out of \(folder)"
        }
        return nil
    }

    private static func oddity(of path: String) -> String? {
        if path.unicodeScalars.contains("\u{FFFD}") { return "is not UTF-8" }
        if VisibleText.line(path, limit: .max) != path { return "holds control or invisible characters" }
        for part in path.split(separator: "/", omittingEmptySubsequences: false) {
            if part.hasPrefix("-") { return "has a part that begins with `-`" }
            if part.isEmpty || part == "." || part == ".." { return "has a part that is empty, `.` or `..`" }
        }
        return nil
    }
}
