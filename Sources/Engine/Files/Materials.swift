import Model
import Processes

/// Files of the source, written once into the state folder, read-only, under a key made of their paths, modes and
/// contents. Commands run there; nothing is ever checked out. Any number of processes may write here together.
actor Materials {
    private let root: String
    private let source: any Source
    private var underWay: [String: Task<Void, any Error>] = [:]

    /// The largest file that is written.
    static let maxSize = 64 * 1024 * 1024
    /// How long nobody asked for a folder that is removed: no pass and no dry run uses one for so long without asking.
    static let age = TimeSpan.seconds(3600)

    init(state: String, source: any Source) {
        root = state + "/files"
        self.source = source
    }

    /// The folder that holds exactly these files; an empty one for none. Throws `SourceError`.
    func folder(for files: [SourceFile], commit: String) async throws -> String {
        let key = SourceFile.key(of: files).hex
        let folder = root + "/" + key
        if Folder.isUsed(folder, fresh: Self.age) { return folder }
        let task = underWay[key] ?? Task { try await self.write(files, commit: commit, to: folder) }
        underWay[key] = task
        defer { underWay[key] = nil }
        try await task.value
        return folder
    }

    private func write(_ files: [SourceFile], commit: String, to folder: String) async throws {
        var contents: [[UInt8]] = []
        if !files.isEmpty {
            contents = try await source.tree(at: commit).contents(of: files, maxSize: Self.maxSize)
        }
        try await OwnThread.run { [root, contents] in
            Result { () throws(SourceError) in
                try Folder.create(root)
                let draft = try Draft.begin(of: folder)
                do throws(SourceError) {
                    for (file, bytes) in zip(files, contents) {
                        let mode: UInt32 = file.kind == .executable ? 0o555 : 0o444
                        try Folder.write(bytes, to: draft.path, path: file.path, mode: mode)
                    }
                    try Folder.seal(draft.path)
                    if !(try draft.finish(as: folder)) { try Folder.remove(draft.path) }
                } catch {
                    try? Folder.remove(draft.path)
                    throw error
                }
            }
        }.get()
    }

    /// Removes what processes that were killed left half-written; for the start of a session.
    func sweep() async { await OwnThread.run { [root] in Draft.sweep(root) } }

    /// Removes every folder that was not asked for in the last hour and that none of the lists needs. They are asked for
    /// only where there is something to remove.
    func clean<E: Error>(needed: () async throws(E) -> [[SourceFile]]) async throws(E) {
        let root = root
        let old = await OwnThread.run { () -> [String] in
            let empty = SourceFile.key(of: []).hex
            return (Folders.names(in: root) ?? []).filter {
                !Draft.isDraft($0) && $0 != empty && Folder.isOlder(root + "/" + $0, than: Self.age)
            }
        }
        guard !old.isEmpty else { return }
        let keys = Set(try await needed().map { SourceFile.key(of: $0).hex })
        await OwnThread.run {
            // It may have been asked for in the meantime.
            for name in old where !keys.contains(name) && Folder.isOlder(root + "/" + name, than: Self.age) {
                Draft.remove(root + "/" + name)
            }
        }
    }
}
