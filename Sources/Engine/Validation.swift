import Manifests
import Model

/// What the engine would find wrong in the manifests of a tree. Reads only: nothing is observed and nothing is run.
package enum Validation {
    /// What was found.
    package struct Result: Sendable {
        /// The environments that were looked at, by name.
        package var environments: [String]
        /// By file, line and column.
        package var problems: [Problem]
    }

    /// Reads every environment of a tree, or the one in the folder `only`. Throws `SourceError` where the tree cannot
    /// be read.
    package static func run(
        _ tree: any SourceTree, only: String? = nil, drivers: DriverRegistry
    ) async throws(SourceError) -> Result {
        let loader = Loader(drivers: drivers)
        let folders = try await tree.environments()
        let ids = try await tree.ids(at: Snapshot.rootDefaults)
        let defaults = Snapshot.rootDefaults.filter { ids[$0] != nil }
        var problems: [String: [Problem]] = [:]
        var environments: [Environment] = []
        for folder in folders {
            let loaded = try await loader.load(
                folder, in: tree, commit: "", defaults: defaults, cache: ManifestCache()
            ).0
            switch loaded {
            case .broken(_, let found): problems[folder.path] = found
            case .desired(let desired): environments.append(desired.environment)
            }
        }
        let order = EnvironmentOrder.problems(in: environments, known: Set(folders.map(\.name)), prefix: tree.prefix)
        problems.merge(order) { $0 + $1 }
        let wanted = folders.filter { only == nil || $0.path == only }
        return Result(
            environments: wanted.map(\.name).sorted(),
            problems: Set(wanted.flatMap { problems[$0.path] ?? [] }).sorted {
                ($0.file, $0.line, $0.column, $0.message) < ($1.file, $1.line, $1.column, $1.message)
            })
    }
}
