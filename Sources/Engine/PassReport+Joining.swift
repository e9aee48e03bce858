import Model

extension PassReport {
    /// The reports of all sources as one. An environment that was asked for by name is an error where neither git nor the
    /// record, in `known`, has it.
    static func joined(_ reports: [PassReport], asked: Set<String>?, known: Set<String>) -> PassReport {
        var environments = reports.flatMap(\.environments)
        let seen = Set(environments.map(\.name))
        let isBlind = reports.contains { $0.sources.contains { $0.commit == nil } }
        for name in asked ?? [] where !seen.contains(name) {
            // A source that could not be read may have it: that it could not is the error then.
            if isBlind && (known.contains(name) || seen.isEmpty) { continue }
            environments.append(
                EnvironmentReport(name: name, outcome: .error, reason: Names.unknownEnvironment(name, among: known)))
        }
        return PassReport(
            sources: reports.flatMap(\.sources), environments: environments.sorted { $0.name < $1.name })
    }
}
