import CLibGit2
import Model

/// Reads folders below one root; what was opened stays open for the length of the walk.
final class TreeWalk {
    private let mirror: Mirror
    private let root: git_oid
    private var folders: [[String]: Handle] = [:]

    init(_ mirror: Mirror, root: git_oid) {
        self.mirror = mirror
        self.root = root
    }

    /// The entry at a path, component by component, so that a folder that is not there is told from one that cannot be
    /// read. Nil where there is nothing.
    func entry(at path: [String]) throws(GitFailure) -> TreeEntry? {
        guard let name = path.last else { return TreeEntry(id: root, mode: GIT_FILEMODE_TREE) }
        guard let folder = try folder(Array(path.dropLast())) else { return nil }
        return git_tree_entry_byname(folder.pointer, name).flatMap { TreeEntry($0) }
    }

    /// As `entry(at:)`, for walks.
    func entry(orThrow path: [String]) throws(WalkFailure) -> TreeEntry? {
        do { return try entry(at: path) } catch { throw .library(error) }
    }

    /// Every folder with an `environment.yaml`, sorted by path. Trees with an id of `known` have one.
    func environments(rootName: String, known: Set<String>) throws(WalkFailure) -> [EnvironmentFolder] {
        var found: [EnvironmentFolder] = []
        var budget = 200_000
        try search(root, path: "", name: rootName, known: known, depth: 0, budget: &budget, found: &found)
        return found.sorted { $0.path < $1.path }
    }

    private func search(
        _ id: git_oid, path: String, name: String, known: Set<String>, depth: Int, budget: inout Int,
        found: inout [EnvironmentFolder]
    ) throws(WalkFailure) {
        if known.contains(id.hex) {
            found.append(EnvironmentFolder(name: name, path: path, tree: id.hex))
            return
        }
        let tree = try open(id)
        let count = git_tree_entrycount(tree.pointer)
        budget -= count
        guard budget >= 0 else { throw tooMany("the source has more than 200000 entries outside its environments") }
        if let entry = git_tree_entry_byname(tree.pointer, "environment.yaml"),
            git_tree_entry_type(entry) != GIT_OBJECT_TREE
        {
            // An odd entry, a link say, counts too: it is refused by name and does not make an environment vanish.
            found.append(EnvironmentFolder(name: name, path: path, tree: id.hex))
            return
        }
        guard depth < 10 else { return }
        for index in 0..<count {
            guard let entry = git_tree_entry_byindex(tree.pointer, index),
                git_tree_entry_type(entry) == GIT_OBJECT_TREE,
                let child = TreeEntry(entry), let name = TreeWalk.name(of: entry)
            else { continue }
            try search(
                child.id, path: SourcePath.join(path, name), name: name, known: known, depth: depth + 1,
                budget: &budget, found: &found)
        }
    }

    /// Every entry below a path that is no folder, sorted by path.
    func files(under path: [String], limit: Int) throws(WalkFailure) -> [SourceFile] {
        guard let entry = try entry(orThrow: path) else { return [] }
        let joined = path.joined(separator: "/")
        guard entry.isFolder else { return [SourceFile(path: joined, kind: entry.kind, id: entry.id.hex, size: 0)] }
        var files: [SourceFile] = []
        try list(entry.id, path: joined, depth: 0, limit: limit, files: &files)
        return files.sorted { $0.path < $1.path }
    }

    private func list(
        _ id: git_oid, path: String, depth: Int, limit: Int, files: inout [SourceFile]
    ) throws(WalkFailure) {
        let shown = VisibleText.line(path.isEmpty ? "the source" : path, limit: 200)
        guard depth <= 64 else { throw tooMany("\(shown) is more than 64 folders deep") }
        let tree = try open(id)
        for index in 0..<git_tree_entrycount(tree.pointer) {
            guard let entry = git_tree_entry_byindex(tree.pointer, index), let child = TreeEntry(entry) else {
                continue
            }
            guard let name = TreeWalk.name(of: entry) else {
                throw .source(
                    SourceError(
                        .unsupported,
                        "\(shown) holds an entry whose name is not UTF-8, is . or .. or .git, or has a slash in it",
                        advice: "rename or remove it"))
            }
            let place = SourcePath.join(path, name)
            if child.isFolder {
                try list(child.id, path: place, depth: depth + 1, limit: limit, files: &files)
            } else {
                guard files.count < limit else { throw tooMany("there are more than \(limit) files in \(shown)") }
                files.append(SourceFile(path: place, kind: child.kind, id: child.id.hex, size: 0))
            }
        }
    }

    private func tooMany(_ what: String) -> WalkFailure {
        .source(SourceError(.tooLarge, what, advice: "move what is not needed out of the source's folder"))
    }

    private func open(_ id: git_oid) throws(WalkFailure) -> Handle {
        do { return try mirror.tree(id) } catch { throw .library(error) }
    }

    private func folder(_ path: [String]) throws(GitFailure) -> Handle? {
        if let known = folders[path] { return known }
        guard let entry = try entry(at: path), entry.isFolder else { return nil }
        let tree = try mirror.tree(entry.id)
        folders[path] = tree
        return tree
    }

    /// Nil for a name that is no name: git's own commands never make one, a hostile tree may hold it.
    private static func name(of entry: OpaquePointer) -> String? {
        guard let name = git_tree_entry_name(entry).flatMap({ String(validatingCString: $0) }), !name.isEmpty,
            name != ".", name != "..", name.lowercased() != ".git", !name.utf8.contains(UInt8(ascii: "/"))
        else { return nil }
        return name
    }
}
