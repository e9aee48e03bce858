import Manifests
import Model

/// Reads one environment's manifests at a revision. What was parsed before is not parsed again.
struct Loader: Sendable {
    let drivers: DriverRegistry
    private let descriptions: [DriverDescription]
    private let resolver: Resolver

    init(drivers: DriverRegistry) {
        self.drivers = drivers
        descriptions = drivers.descriptions
        resolver = Resolver(drivers: drivers)
    }

    /// What the folder wants, or every problem it has; and the parsed files that are worth keeping.
    func load(
        _ folder: EnvironmentFolder, in tree: any SourceTree, commit: String, defaults names: [String],
        cache known: ManifestCache
    ) async throws(SourceError) -> (Loaded, ManifestCache) {
        let (read, cache) = try await read(folder, in: tree, defaults: names, cache: known)
        return (try await resolve(read, of: folder, in: tree, commit: commit, defaults: names), cache)
    }

    /// The first half: the manifests, and the parsed files that are worth keeping.
    func read(
        _ folder: EnvironmentFolder, in tree: any SourceTree, defaults names: [String], cache known: ManifestCache
    ) async throws(SourceError) -> (Reading, ManifestCache) {
        let parser = ManifestParser(drivers: descriptions, prefix: tree.prefix)
        var cache = known
        let entries = try await tree.files(under: folder.path, limit: Limits.entries)
        var defaults: [SourceFile] = []
        for name in names { defaults += try await tree.files(under: name, limit: 1) }
        let manifests = parser.manifests(in: folder, entries: entries, defaults: defaults)
        let unread = manifests.filter { !parser.isParsed($0, in: cache) }
        let contents = try await tree.contents(of: unread.map(\.file), maxSize: Limits.fileSize)
        for (manifest, bytes) in zip(unread, contents) { parser.parse(manifest, contents: bytes, into: &cache) }
        let result = parser.environment(folder, entries: entries, defaults: defaults, cache: cache)
        cache.keep(only: Set(manifests.map(\.file.id)))
        return (Reading(result: result, defaults: defaults), cache)
    }

    /// The second half: the files and digests of what was read.
    func resolve(
        _ manifests: Reading, of folder: EnvironmentFolder, in tree: any SourceTree, commit: String,
        defaults names: [String]
    ) async throws(SourceError) -> Loaded {
        guard let environment = manifests.result.environment else {
            let ids = Dictionary(manifests.defaults.map { ($0.path, $0.id) }, uniquingKeysWith: { first, _ in first })
            return .broken(Input(tree: folder.tree, paths: ids), manifests.result.problems)
        }
        return try await resolver.resolve(
            environment, tree: folder.tree, commit: commit, in: tree, rootDefaults: names)
    }

    /// An environment's manifests, and the root's defaults that they were read with.
    struct Reading: Sendable {
        var result: ManifestParser.Result
        var defaults: [SourceFile]
    }
}
