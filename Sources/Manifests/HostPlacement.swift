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
    /// Workloads that name the same thing of the same host, or a path inside another's, by the environment's folder; `prefix` as in `ManifestParser`.
    /// Every one of them after the first is told of the first.
    package static func problems(
        in environments: [Environment], drivers: [DriverDescription], prefix: String
    ) -> [String: [Problem]] {
        problems(inOrder: environments.sorted { $0.folder < $1.folder }, among: nil, drivers: drivers, prefix: prefix)
    }

    /// What of one environment another one has, on hosts at these `places`.
    package static func problems(
        of environment: Environment, after other: Environment, among places: Set<HostPlace>,
        drivers: [DriverDescription], prefix: String
    ) -> [Problem] {
        problems(inOrder: [other, environment], among: places, drivers: drivers, prefix: prefix)[
            environment.folder] ?? []
    }

    /// Where the hosts are that workloads of an environment are on.
    package static func places(of environment: Environment) -> Set<HostPlace> {
        let used = Set(environment.workloads.flatMap { $0.hosts ?? [] })
        return Set(environment.inventory.hosts.filter { used.contains($0.name) }.map { place($0, environment) })
    }

    private static func place(_ host: Host, _ environment: Environment) -> HostPlace {
        let ssh = environment.inventory.ssh
        return HostPlace(
            address: host.address, port: String(host.port ?? ssh.port ?? Host.usualPort), jump: host.jump ?? ssh.jump,
            config: ssh.config)
    }

    private static func problems(
        inOrder environments: [Environment], among places: Set<HostPlace>?, drivers: [DriverDescription],
        prefix: String
    ) -> [String: [Problem]] {
        let claims = Dictionary(drivers.map { ($0.name, $0.claims) }, uniquingKeysWith: { first, _ in first })
        var table = ClaimTable()
        var problems: [String: [Problem]] = [:]
        for environment in environments {
            let hosts = environment.inventory.byName
            for workload in environment.workloads {
                guard let named = workload.hosts, let claims = claims[workload.driver] else { continue }
                for host in named.compactMap({ hosts[$0] }) {
                    let place = place(host, environment)
                    if let places, !places.contains(place) { continue }
                    let block = workload.block.placed(on: environment.inventory.value(of: host))
                    let things = claims(block)
                    let mine = ClaimTable.Owner(environment: environment.name, workload: workload.name)
                    guard
                        let (thing, theirs) = things.lazy.compactMap({ thing in
                            table.claim(against: thing, at: place, of: mine).map { (thing, $0) }
                        }).first
                    else {
                        for thing in things { table.add(thing, at: place, of: mine) }
                        continue
                    }
                    let owner = theirs.owner
                    let other =
                        owner.environment == environment.name
                        ? owner.workload : "\(owner.workload) of the environment \(owner.environment)"
                    let shown = VisibleText.line(thing, limit: 120)
                    let what =
                        thing == theirs.thing
                        ? "\(workload.name) and \(other) both have \(shown)"
                        : "\(workload.name) has \(shown) and \(other) has \(VisibleText.line(theirs.thing, limit: 120)), "
                            + "one inside the other,"
                    problems[environment.folder, default: []].append(
                        Problem(
                            file: prefix + workload.file, line: workload.line,
                            message:
                                "\(what) on the host \(host.name) (\(host.address)): one of them has to leave it out"))
                    break
                }
            }
        }
        return problems
    }
}

/// Who has what on which host.
private struct ClaimTable {
    struct Owner: Equatable {
        var environment: String
        var workload: String
    }

    struct Claim {
        var thing: String
        var owner: Owner
    }

    private var claims: [HostPlace: [String: Claim]] = [:]
    /// By folders that something claimed is in: what was claimed there first.
    private var inside: [HostPlace: [String: Claim]] = [:]

    /// What another one has that is the same thing, or a path of which one is inside the other.
    func claim(against thing: String, at place: HostPlace, of owner: Owner) -> Claim? {
        let (claims, inside) = (claims[place] ?? [:], inside[place] ?? [:])
        let above = Self.folders(of: thing).compactMap { claims[$0] }
        return ([claims[thing], inside[thing]].compactMap { $0 } + above)
            .first { $0.owner != owner }
    }

    mutating func add(_ thing: String, at place: HostPlace, of owner: Owner) {
        let claim = Claim(thing: thing, owner: owner)
        claims[place, default: [:]][thing] = claim
        for folder in Self.folders(of: thing) where inside[place]?[folder] == nil {
            inside[place, default: [:]][folder] = claim
        }
    }

    /// The folders above a path but the root; none for what is no path.
    private static func folders(of thing: String) -> [String] {
        guard thing.hasPrefix("/") else { return [] }
        var folders: [String] = []
        var rest = thing[...]
        while let slash = rest.lastIndex(of: "/"), slash > rest.startIndex {
            rest = rest[..<slash]
            folders.append(String(rest))
        }
        return folders
    }
}
