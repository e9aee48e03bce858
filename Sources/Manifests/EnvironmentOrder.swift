import Model

/// What can only be seen of several environments together.
package enum EnvironmentOrder {
    /// What is wrong with names, `after` and places of balancers, by the environment's folder; `prefix` as in `ManifestParser`. `known` are the
    /// names of all environments of the source, also of those that could not be parsed; `realPaths` what the paths of
    /// balancers really are, where that is another path.
    package static func problems(
        in environments: [Environment], known: Set<String>, prefix: String, realPaths: [String: String] = [:]
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
        for (folder, found) in sharedPlaces(in: environments, prefix: prefix, realPaths) {
            problems[folder, default: []] += found
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

    /// Places of balancers that several workloads would fill. Those that one environment names twice by the same words are
    /// found when it is parsed.
    private static func sharedPlaces(
        in environments: [Environment], prefix: String, _ realPaths: [String: String]
    ) -> [String: [Problem]] {
        struct Claim {
            var place: BalancerPlace
            var environment: Environment
            var workload: Workload
        }
        let claims = environments.flatMap { environment in
            environment.workloads.flatMap { workload in
                BalancerPlace.all(in: workload.traffic ?? .null).map {
                    Claim(place: $0, environment: environment, workload: workload)
                }
            }
        }
        var problems: [String: [Problem]] = [:]
        for (real, group) in Dictionary(grouping: claims, by: { $0.place.resolved(realPaths) }) {
            for claim in group {
                let others = Set(group.map(\.environment.name)).subtracting([claim.environment.name]).sorted()
                let twin = group.first {
                    $0.environment.name == claim.environment.name && $0.workload.name != claim.workload.name
                        && $0.place != claim.place
                }
                let name = claim.place == real ? "\(real)" : "\(claim.place), which is \(real),"
                let message: String
                if !others.isEmpty {
                    message =
                        "\(name) is filled from \(others.joined(separator: ", ")), too: give each environment its own"
                } else if let twin {
                    message =
                        "\(name) is that of the workload \"\(twin.workload.name)\", too: give each workload its own"
                } else {
                    continue
                }
                problems[claim.environment.folder, default: []].append(
                    Problem(file: prefix + claim.workload.file, line: claim.workload.line, message: message))
            }
        }
        return problems
    }
}
