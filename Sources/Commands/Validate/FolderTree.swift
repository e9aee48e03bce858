import Glibc
import Model
import Processes

/// A folder of this machine as a source's tree. Links are listed and never followed; `.git` is left out.
struct FolderTree: SourceTree {
    /// The deepest folder that is looked into, so that no odd file system holds us for ever.
    private static let depth = 64

    /// The folder that stands for the source's folder; absolute.
    let root: String
    let prefix = ""

    func environments(known _: Set<String>) async throws(SourceError) -> [EnvironmentFolder] {
        var found: [EnvironmentFolder] = []
        try search("", depth: 0, into: &found)
        return found.sorted { $0.path < $1.path }
    }

    func files(under path: String, limit: Int) async throws(SourceError) -> [SourceFile] {
        guard let path = FolderTree.checked(path) else { return [] }
        var found: [SourceFile] = []
        try list(path, depth: 0, limit: limit, into: &found)
        return found.sorted { $0.path < $1.path }
    }

    func ids(at paths: [String]) async throws(SourceError) -> [String: String] {
        var ids: [String: String] = [:]
        for path in paths {
            guard let checked = FolderTree.checked(path), let status = status(checked) else { continue }
            ids[path] = FolderTree.id(status)
        }
        return ids
    }

    func contents(of files: [SourceFile], maxSize: Int) async throws(SourceError) -> [[UInt8]] {
        var contents: [[UInt8]] = []
        for file in files {
            switch FileBytes.read(absolute(file.path), limit: maxSize, follows: false) {
            case .success(let bytes): contents.append(bytes)
            case .failure(let error): throw FolderTree.error(file.path, error.reason)
            }
        }
        return contents
    }

    private func search(_ folder: String, depth: Int, into found: inout [EnvironmentFolder]) throws(SourceError) {
        guard depth < FolderTree.depth else { throw FolderTree.error(folder, "it is too deep") }
        if let policy = status(FolderTree.join(folder, "environment.yaml")), policy.st_mode & S_IFMT != S_IFDIR {
            let name = (folder.isEmpty ? root : folder).split(separator: "/").last.map(String.init) ?? ""
            found.append(EnvironmentFolder(name: name, path: folder, tree: folder))
            return
        }
        for name in try names(folder) {
            let path = FolderTree.join(folder, name)
            if status(path).map({ $0.st_mode & S_IFMT == S_IFDIR }) == true {
                try search(path, depth: depth + 1, into: &found)
            }
        }
    }

    private func list(_ path: String, depth: Int, limit: Int, into found: inout [SourceFile]) throws(SourceError) {
        guard depth < FolderTree.depth else { throw FolderTree.error(path, "it is too deep") }
        guard let status = status(path) else { return }
        let kind: SourceFile.Kind
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            // A repository in the repository: git would have a submodule here.
            if depth > 0, self.status(FolderTree.join(path, ".git")) != nil { kind = .submodule; break }
            for name in try names(path) {
                try list(FolderTree.join(path, name), depth: depth + 1, limit: limit, into: &found)
            }
            return
        case S_IFREG: kind = status.st_mode & S_IXUSR != 0 ? .executable : .file
        case S_IFLNK: kind = .symlink
        // Git knows neither pipes nor devices.
        default: return
        }
        guard found.count < limit else {
            throw SourceError(
                .tooLarge, "\(VisibleText.line(path)) and what is beside it are more than \(limit) files",
                advice: "split the folder")
        }
        found.append(
            SourceFile(
                path: path, kind: kind, id: FolderTree.id(status), size: kind == .symlink ? 0 : Int(status.st_size)))
    }

    private func names(_ folder: String) throws(SourceError) -> [String] {
        guard let names = Folders.names(in: absolute(folder)) else {
            throw FolderTree.error(folder, String(cString: strerror(errno)))
        }
        return names.filter { $0 != ".git" }.sorted()
    }

    private func status(_ path: String) -> stat? {
        var status = stat()
        return lstat(absolute(path), &status) == 0 ? status : nil
    }

    private func absolute(_ path: String) -> String { path.isEmpty ? root : root + "/" + path }

    /// Equal only for the same content: no file of this machine changes under the same number, size and time.
    private static func id(_ status: stat) -> String {
        "\(status.st_dev)-\(status.st_ino)-\(status.st_size)-\(status.st_mtim.tv_sec)-\(status.st_mtim.tv_nsec)"
    }

    /// The path without empty parts; nil where it leads upwards.
    private static func checked(_ path: String) -> String? {
        let parts = path.split(separator: "/").filter { $0 != "." }
        return parts.contains("..") ? nil : parts.joined(separator: "/")
    }

    private static func join(_ folder: String, _ name: String) -> String { folder.isEmpty ? name : folder + "/" + name }

    private static func error(_ path: String, _ reason: String) -> SourceError {
        SourceError(
            .storage, "\(path.isEmpty ? "the folder" : VisibleText.line(path)) cannot be read: \(reason)",
            advice: "mend it and try again")
    }
}
