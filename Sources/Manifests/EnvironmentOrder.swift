import Model

/// What can only be seen of several environments together.
package enum EnvironmentOrder {
    /// What is wrong with names, `after` and places of balancers, by the environment's folder; `prefix` as in `ManifestParser`. `known` are the
    /// names of all environments of the source, also of those that could not be parsed.
    package static func problems(
        in environments: [Environment], known: Set<String>, prefix: String
    ) -> [String: [Problem]] {
        var problems: [String: [Problem]] = [:]
        func report(_ environment: Environment, _ message: String, at place: Place) {
            let folder = environment.folder
            let file = prefix + (folder.isEmpty ? "" : folder + "/") + "environment.yaml"
            problems[folder, default: []].append(
                Problem(file: file, line: place.line, column: place.column, message: message))
        }
        let byName = Dictionary(grouping: environments, by: \.name)
        for environment in environments {
            for name in environment.policy.after where !known.contains(name) && byName[name] == nil {
                let near = suggestion(for: name, from: known.subtracting([environment.name]))
                report(environment, "unknown environment \"\(name)\"\(near)", at: environment.afterPlace)
            }
            if let twins = byName[environment.name], twins.count > 1 {
                let others = twins.map(\.folder).filter { $0 != environment.folder }.sorted().joined(separator: ", ")
                report(
                    environment, "the environment \"\(environment.name)\" is in \(others) too: rename one folder",
                    at: Place())
            }
        }
        let places = environments.flatMap { environment in
            environment.workloads.flatMap { workload in
                BalancerPlace.all(in: workload.traffic ?? .null).map { ($0, environment, workload) }
            }
        }
        for (place, claims) in Dictionary(grouping: places, by: \.0) {
            for (_, environment, workload) in claims {
                let others = Set(claims.map(\.1.name)).subtracting([environment.name]).sorted()
                guard !others.isEmpty else { continue }
                problems[environment.folder, default: []].append(
                    Problem(
                        file: prefix + workload.file, line: workload.line,
                        message:
                            "\(place) is filled from \(others.joined(separator: ", ")), too: give each environment its own"
                    ))
            }
        }
        let edges = byName.mapValues { $0.flatMap(\.policy.after) }
        for cycle in Cycles.all(in: edges) {
            let text = (cycle + cycle.prefix(1)).joined(separator: " -> ")
            for environment in cycle.flatMap({ byName[$0] ?? [] }) {
                report(environment, "these environments wait for each other: \(text)", at: environment.afterPlace)
            }
        }
        return problems
    }
}
