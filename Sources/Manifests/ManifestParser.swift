import Model

/// Turns the files of environments into `Environment` values, or into every problem that they have.
package struct ManifestParser: Sendable {
    /// What came of one environment: the environment where there is no problem at all, else the problems by place.
    package struct Result: Sendable {
        /// Nil where there is any problem.
        package var environment: Environment?
        /// Sorted by file, line and column.
        package var problems: [Problem]
        /// What is no problem and still worth knowing, likewise; empty where there is any problem.
        package var remarks: [Remark]
    }

    /// A file that is to be parsed, with its role. The caller reads what the cache does not hold.
    package struct Manifest: Sendable {
        /// The entry.
        package var file: SourceFile
        let role: ParsedFile.Role
    }

    /// The files at the root of the source that give defaults.
    package static let defaultNames = ["deployment.yml", "deployment.yaml", "deploy.yml", "deploy.yaml"]

    let prefix: String
    private let files: FileParser
    private let drivers: [DriverDescription]

    /// `prefix` is the source's folder relative to the repository's root, with a trailing `/`; empty at the root.
    package init(drivers: [DriverDescription], prefix: String) {
        files = FileParser(drivers: drivers)
        self.drivers = drivers
        self.prefix = prefix
    }

    /// Which of a folder's entries, and of the defaults at the root, are to be read.
    /// Files above the cap are not: they become problems unread.
    package func manifests(in folder: EnvironmentFolder, entries: [SourceFile], defaults: [SourceFile]) -> [Manifest] {
        let rules = EntryRules(folder: folder.path)
        let own = entries.prefix(Limits.entries).compactMap { entry in
            rules.role(of: entry).map { Manifest(file: entry, role: $0) }
        }
        let root = defaults.compactMap { entry in
            entry.kind == .symlink || entry.kind == .submodule
                ? nil : ManifestParser.defaultRole(of: entry.path).map { Manifest(file: entry, role: $0) }
        }
        return (own + root).filter { $0.file.size <= Limits.fileSize }
    }

    /// Whether a manifest was parsed before.
    package func isParsed(_ manifest: Manifest, in cache: ManifestCache) -> Bool {
        cache.file(manifest.role, manifest.file.id) != nil
    }

    /// Parses one manifest and keeps it.
    package func parse(_ manifest: Manifest, contents: [UInt8], into cache: inout ManifestCache) {
        cache.store(files.parse(contents, as: manifest.role), manifest.role, manifest.file.id)
    }

    /// Puts an environment together from parsed manifests. `entries` are all entries in and below its folder,
    /// `defaults` those of `defaultNames` that are at the root of the source; every manifest of them must be parsed.
    package func environment(
        _ folder: EnvironmentFolder, entries: [SourceFile], defaults: [SourceFile], cache: ManifestCache
    ) -> Result {
        var assembly = Assembly(folder: folder, prefix: prefix, drivers: drivers)
        assembly.checkEntries(entries)
        assembly.checkDefaults(defaults)
        for manifest in manifests(in: folder, entries: entries, defaults: defaults) {
            if let file = cache.file(manifest.role, manifest.file.id) {
                assembly.add(file, as: manifest.role, at: manifest.file.path)
            } else {
                assembly.report(manifest.file.path, Place(), "the file was not read")
            }
        }
        return assembly.finish()
    }

    /// All in one, for callers that keep nothing: `contents` by content id.
    package func environment(
        _ folder: EnvironmentFolder, entries: [SourceFile], defaults: [SourceFile] = [], contents: [String: [UInt8]]
    ) -> Result {
        var cache = ManifestCache()
        for manifest in manifests(in: folder, entries: entries, defaults: defaults) {
            guard let bytes = contents[manifest.file.id] else { continue }
            parse(manifest, contents: bytes, into: &cache)
        }
        return environment(folder, entries: entries, defaults: defaults, cache: cache)
    }

    private static func defaultRole(of path: String) -> ParsedFile.Role? {
        switch path {
        case "deployment.yml", "deployment.yaml": .deployment
        case "deploy.yml", "deploy.yaml": .deploy
        default: nil
        }
    }
}

extension ManifestParser {
    /// The workloads of a file that stands for itself: names may stand in it more than once. Where there is any problem,
    /// there are none.
    package func workloads(_ contents: [UInt8], file: String) -> (workloads: [Workload], problems: [Problem]) {
        let parsed = files.parse(contents, as: .workloads)
        guard parsed.findings.isEmpty else { return ([], parsed.findings.map { $0.problem(in: file) }) }
        return (parsed.workloads.map(\.workload), [])
    }
}
