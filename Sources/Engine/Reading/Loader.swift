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
        var entries = try await tree.files(under: folder.path, limit: Limits.entries)
        var defaults: [SourceFile] = []
        for name in names { defaults += try await tree.files(under: name, limit: 1) }
        var manifests = parser.manifests(in: folder, entries: entries, defaults: defaults)
        let unread = manifests.filter { !parser.isParsed($0, in: cache) }
        let (contents, tooLarge) = try await contents(of: unread.map(\.file), in: tree)
        if !tooLarge.isEmpty {
            // Their sizes make them a problem at their place.
            entries = entries.map { tooLarge[$0.path] ?? $0 }
            defaults = defaults.map { tooLarge[$0.path] ?? $0 }
            manifests.removeAll { tooLarge[$0.file.path] != nil }
        }
        for manifest in unread {
            guard let bytes = contents[manifest.file.path] else { continue }
            parser.parse(manifest, contents: bytes, into: &cache)
        }
        let result = parser.environment(folder, entries: entries, defaults: defaults, cache: cache)
        cache.keep(only: Set(manifests.map(\.file.id)))
        return (Reading(result: result, defaults: defaults), cache)
    }

    /// What can be read, by path, and with its size what cannot: one file that is too large hides no other's problems.
    private func contents(
        of files: [SourceFile], in tree: any SourceTree
    ) async throws(SourceError) -> (read: [String: [UInt8]], tooLarge: [String: SourceFile]) {
        do throws(SourceError) {
            let all = try await tree.contents(of: files, maxSize: Limits.fileSize)
            return (Dictionary(zip(files.map(\.path), all), uniquingKeysWith: { first, _ in first }), [:])
        } catch {
            guard error.code == .tooLarge else { throw error }
            guard files.count > 1 else {
                let sized = files.map { SourceFile(path: $0.path, kind: $0.kind, id: $0.id, size: Limits.fileSize + 1) }
                return ([:], Dictionary(sized.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first }))
            }
            let half = files.count / 2
            let (first, second) = (Array(files[..<half]), Array(files[half...]))
            var result = try await contents(of: first, in: tree)
            let more = try await contents(of: second, in: tree)
            result.read.merge(more.read) { first, _ in first }
            result.tooLarge.merge(more.tooLarge) { first, _ in first }
            return result
        }
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
