import Model

/// The files of one commit.
struct GitTree: SourceTree {
    let reader: MirrorReader
    /// The id of the tree of the source's folder.
    let root: String
    let prefix: String
    /// What the source's folder is called if it is an environment itself.
    let rootName: String

    func environments(known: Set<String>) async throws(SourceError) -> [EnvironmentFolder] {
        try await reader.environments(root: root, name: rootName, known: known)
    }

    func files(under path: String, limit: Int) async throws(SourceError) -> [SourceFile] {
        try await reader.files(root: root, under: path, limit: limit)
    }

    func ids(at paths: [String]) async throws(SourceError) -> [String: String] {
        try await reader.ids(root: root, at: paths)
    }

    func contents(of files: [SourceFile], maxSize: Int) async throws(SourceError) -> [[UInt8]] {
        try await reader.contents(of: files, maxSize: maxSize)
    }
}
