/// Where desired state comes from: a git repository, one branch, one folder in it.
package protocol Source: Sendable {
    /// Brings the newest commit of the branch, within the source's own deadline. The last good revision is kept
    /// whatever happens. Throws `SourceError`.
    func fetch() async throws(SourceError) -> Revision
    /// The last revision that was fetched, without asking the server; nil before the first. Throws `SourceError`.
    func head() async throws(SourceError) -> Revision?
    /// A commit by its full or abbreviated id, if the mirror has it. Throws `SourceError`.
    func revision(_ name: String) async throws(SourceError) -> Revision
    /// The files of one commit. Throws `SourceError` where the commit is not there.
    func tree(at commit: String) async throws(SourceError) -> any SourceTree
}

/// The files of a source at one revision, or of a plain folder. Nothing is ever checked out.
package protocol SourceTree: Sendable {
    /// The source's folder relative to the repository's root, with a trailing `/`; empty at the root.
    /// A problem's file is this and the entry's path.
    var prefix: String { get }
    /// Every folder with an `environment.yaml`, by path. Folders inside an environment are not searched.
    /// What is in a folder whose tree has one of the ids `known` need not be looked at: an environment had it once.
    func environments(known: Set<String>) async throws(SourceError) -> [EnvironmentFolder]
    /// Every entry in or below a folder, sorted by path; `""` is the source's folder. A path that names a file gives
    /// that file. Empty where there is nothing. Throws `.tooLarge` above `limit` entries.
    func files(under path: String, limit: Int) async throws(SourceError) -> [SourceFile]
    /// The object ids at paths, files or folders alike, in one look; a path with nothing there is left out.
    func ids(at paths: [String]) async throws(SourceError) -> [String: String]
    /// The contents of files, in order. Throws `.tooLarge` for one above `maxSize` bytes, before reading it.
    func contents(of files: [SourceFile], maxSize: Int) async throws(SourceError) -> [[UInt8]]
}

extension SourceTree {
    /// Every folder with an `environment.yaml`, each looked at.
    package func environments() async throws(SourceError) -> [EnvironmentFolder] { try await environments(known: []) }
}

extension Source {
    /// As `fetch`, for those who begin it before they need it.
    package func fetched() async -> Result<Revision, SourceError> {
        do throws(SourceError) { return .success(try await fetch()) } catch { return .failure(error) }
    }
}
