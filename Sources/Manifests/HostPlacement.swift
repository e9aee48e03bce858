import Model

/// Which hosts a workload is on, and in which order they are changed.
struct HostPlacement {
    /// In the order in which they are changed.
    var hosts: [String] = []
    var problems: InventoryBuilder.Problems = []

    init(_ selection: HostSelection, batchBy: HostSelection.Word?, in inventory: Inventory) {
        (hosts, problems) = InventoryBuilder(inventory).members(selection, groups: true)
        guard let batchBy else { return }
        let byName = inventory.byName
        func value(_ host: String) -> String? { byName[host]?.labels[batchBy.text] }
        let without = hosts.filter { value($0) == nil }
        if let first = without.first {
            let names = Set(inventory.hosts.flatMap(\.labels.keys))
            let more = without.count > 1 ? " and \(without.count - 1) more have" : " has"
            problems.append(
                (
                    batchBy.place,
                    "`rollout.batch_by`: the host \(quoted(first))\(more) no label \(quoted(batchBy.text))"
                        + suggestion(for: batchBy.text, from: names.subtracting([batchBy.text]))
                ))
        }
        hosts.sort { (value($0) ?? "", $0) < (value($1) ?? "", $1) }
    }
}

/// What workloads of one or several environments have on hosts for themselves alone.
package enum HostClaims {
    /// Workloads that name the same thing of the same host, by the environment's folder; `prefix` as in `ManifestParser`.
    /// Every one of them after the first is told of the first.
    package static func problems(
        in environments: [Environment], drivers: [DriverDescription], prefix: String
    ) -> [String: [Problem]] {
        let claims = Dictionary(drivers.map { ($0.name, $0.claims) }, uniquingKeysWith: { first, _ in first })
        var owners: [String: (environment: String, workload: Workload)] = [:]
        var problems: [String: [Problem]] = [:]
        for environment in environments.sorted(by: { $0.folder < $1.folder }) {
            let hosts = environment.inventory.byName
            for workload in environment.workloads {
                guard let named = workload.hosts, let claims = claims[workload.driver] else { continue }
                for host in named.compactMap({ hosts[$0] }) {
                    let block = workload.block.placed(on: environment.inventory.value(of: host))
                    let port = host.port ?? environment.inventory.ssh.port ?? Host.usualPort
                    let things = claims(block)
                    guard
                        let (thing, owner) = things.lazy.compactMap({ thing in
                            owners["\(host.address.lowercased()) \(port) \(thing)"].map { (thing, $0) }
                        }).first(where: { $0.1.workload.name != workload.name || $0.1.environment != environment.name })
                    else {
                        for thing in things {
                            owners["\(host.address.lowercased()) \(port) \(thing)"] = (environment.name, workload)
                        }
                        continue
                    }
                    let other =
                        owner.environment == environment.name
                        ? owner.workload.name : "\(owner.workload.name) of the environment \(owner.environment)"
                    problems[environment.folder, default: []].append(
                        Problem(
                            file: prefix + workload.file, line: workload.line,
                            message:
                                "\(workload.name) and \(other) both have \(VisibleText.line(thing, limit: 120)) on "
                                + "the host \(host.name) (\(host.address)): one of them has to leave it out"))
                    break
                }
            }
        }
        return problems
    }
}
