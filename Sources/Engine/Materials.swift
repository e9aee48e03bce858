import Glibc
import Model
import Processes

/// Files of the source, written once into the state folder, read-only, under a key made of their paths, modes and
/// contents. Commands run there; nothing is ever checked out.
actor Materials {
    private let root: String
    private let source: any Source
    private var isPrepared = false
    private var underWay: [String: Task<String, any Error>] = [:]

    /// The largest file that is written.
    static let maxSize = 64 * 1024 * 1024

    init(state: String, source: any Source) {
        root = state + "/files"
        self.source = source
    }

    /// The folder that holds exactly these files; an empty one for none. Throws `SourceError`.
    func folder(for files: [SourceFile], commit: String) async throws -> String {
        let key = SourceFile.key(of: files).hex
        let folder = root + "/" + key
        if access(folder, F_OK) == 0 { return folder }
        if let task = underWay[key] { return try await task.value }
        let task = Task { try await self.write(files, commit: commit, to: folder) }
        underWay[key] = task
        defer { underWay[key] = nil }
        return try await task.value
    }

    private func write(_ files: [SourceFile], commit: String, to folder: String) async throws -> String {
        try prepare()
        var contents: [[UInt8]] = []
        if !files.isEmpty {
            contents = try await source.tree(at: commit).contents(of: files, maxSize: Self.maxSize)
        }
        let draft = folder + ".new"
        try Folder.remove(draft)
        try Folder.create(draft)
        for (file, bytes) in zip(files, contents) {
            try Folder.write(bytes, to: draft, path: file.path, mode: file.kind == .executable ? 0o555 : 0o444)
        }
        try Folder.seal(draft)
        guard rename(draft, folder) == 0 || access(folder, F_OK) == 0 else { throw Folder.error("rename", folder) }
        return folder
    }

    private func prepare() throws {
        guard !isPrepared else { return }
        try Folder.create(root)
        isPrepared = true
    }

    /// Removes every folder that none of these file lists needs.
    func keepOnly(_ lists: [[SourceFile]]) {
        let keys = Set(lists.map { SourceFile.key(of: $0).hex } + [SourceFile.key(of: []).hex])
        for name in Folders.names(in: root) ?? [] where !keys.contains(name) && underWay[String(name.prefix(64))] == nil {
            try? Folder.remove(root + "/" + name)
        }
    }
}
