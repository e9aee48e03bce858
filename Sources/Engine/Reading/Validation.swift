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
        /// Keys that are not acted on or that make an environment wait, likewise; only of environments without a problem.
        package var remarks: [Remark]
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
        var remarks: [String: [Remark]] = [:]
        var environments: [Environment] = []
        for folder in folders {
            let (manifests, _) = try await loader.read(folder, in: tree, defaults: defaults, cache: ManifestCache())
            switch try await loader.resolve(manifests, of: folder, in: tree, commit: "", defaults: defaults) {
            case .broken(_, let found): problems[folder.path] = found
            case .desired(let desired):
                environments.append(desired.environment)
                remarks[folder.path] = manifests.result.remarks
            }
        }
        let order = EnvironmentOrder.problems(
            in: environments, known: Set(folders.map(\.name)), prefix: tree.prefix,
            realPaths: await RealPaths.all(environments.flatMap { $0.workloads.compactMap(\.traffic) }))
        problems.merge(order) { $0 + $1 }
        let claims = HostClaims.problems(in: environments, drivers: drivers.descriptions, prefix: tree.prefix)
        problems.merge(claims) { $0 + $1 }
        let wanted = folders.filter { only == nil || $0.path == only }
        return Result(
            environments: wanted.map(\.name).sorted(),
            problems: Set(wanted.flatMap { problems[$0.path] ?? [] }).sorted(),
            remarks: Set(wanted.flatMap { remarks[$0.path] ?? [] }).sorted())
    }
}
