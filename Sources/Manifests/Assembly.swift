import Model

/// One environment being put together: policy, workloads and root defaults, and everything that is wrong with them.
struct Assembly {
    let folder: EnvironmentFolder
    let prefix: String
    private(set) var problems: [Problem] = []
    private var remarks: [Remark] = []
    private var policy: (part: ParsedFile.PolicyPart, path: String)?
    private var hasPolicy = false
    private var workloads: [Member] = []
    /// What the drivers know of hosts.
    private let drivers: [DriverDescription]
    private var defaults: [(part: ParsedFile.Defaults, path: String)] = []

    struct Member {
        var part: ParsedFile.WorkloadPart
        var path: String
    }

    init(folder: EnvironmentFolder, prefix: String, drivers: [DriverDescription]) {
        self.folder = folder
        self.drivers = drivers
        self.prefix = prefix
    }

    mutating func report(_ path: String, _ place: Place, _ message: String) {
        problems.append(Problem(file: prefix + path, line: place.line, column: place.column, message: message))
    }

    mutating func checkEntries(_ entries: [SourceFile]) {
        let rules = EntryRules(folder: folder.path)
        if !Names.isValid(folder.name) {
            report(
                folder.path, Place(),
                "the folder's name \(quoted(folder.name)) cannot be an environment's: use lower-case letters, digits and "
                    + "hyphens, at most 63")
        }
        if entries.count > Limits.entries {
            report(folder.path, Place(), "the environment's folder holds more than \(Limits.entries) files")
        }
        for entry in entries.prefix(Limits.entries) {
            if let problem = rules.problem(with: entry) {
                report(entry.path, Place(), problem)
            } else if entry.size > Limits.fileSize, rules.role(of: entry) != nil {
                report(entry.path, Place(), "the file is larger than 1 MiB")
            }
        }
        hasPolicy = entries.contains { $0.path == rules.policyPath }
    }

    mutating func checkDefaults(_ entries: [SourceFile]) {
        for entry in entries {
            switch entry.kind {
            case .symlink: report(entry.path, Place(), "\(entry.path) is a symbolic link: put the file itself there")
            case .submodule: report(entry.path, Place(), "\(entry.path) is a submodule: put the file itself there")
            case .file, .executable:
                if entry.size > Limits.fileSize { report(entry.path, Place(), "the file is larger than 1 MiB") }
            }
        }
        for name in ["deployment", "deploy"]
        where Set(entries.map(\.path)).isSuperset(of: [name + ".yml", name + ".yaml"]) {
            report(name + ".yaml", Place(), "there is \(name).yml too: keep one of them")
        }
    }

    mutating func add(_ file: ParsedFile, as role: ParsedFile.Role, at path: String) {
        problems += file.findings.map { $0.problem(in: prefix + path) }
        switch role {
        case .policy: policy = (file.policy, path)
        case .workloads: workloads += file.workloads.map { Member(part: $0, path: path) }
        case .deployment, .deploy:
            guard let part = file.defaults[folder.name] else { return }
            problems += part.findings.map { $0.problem(in: prefix + path) }
            defaults.append((part, path))
        }
    }

    mutating func finish() -> ManifestParser.Result {
        if !hasPolicy { report(folder.path, Place(), "the folder has no environment.yaml") }
        workloads.sort {
            ($0.part.workload.name, $0.path, $0.part.workload.line) < (
                $1.part.workload.name, $1.path, $1.part.workload.line
            )
        }
        checkNames()
        checkDependencies()
        placeOnHosts()
        checkBalancers()
        let (stages, stagesPath) = pipeline()
        let pipeline = Pipeline(stages, smoke: policy?.part.policy.smoke ?? [])
        checkStages(stages, pipeline, in: stagesPath)
        guard problems.isEmpty, let policy else {
            return ManifestParser.Result(environment: nil, problems: problems.sorted(), remarks: [])
        }
        var environment = Environment(name: folder.name, folder: folder.path, policy: policy.part.policy)
        environment.policy.pipeline = stages.map(\.stage.shown)
        environment.afterPlace = policy.part.afterPlace
        environment.inventory = policy.part.inventory
        environment.policy.stages = pipeline.stages == PipelineStages() ? nil : pipeline.stages
        environment.workloads = workloads.map { workload(of: $0, pipeline) }
        let claims = HostClaims.problems(in: [environment], drivers: drivers, prefix: prefix)
        problems += claims.values.flatMap { $0 }
        guard problems.isEmpty else {
            return ManifestParser.Result(environment: nil, problems: problems.sorted(), remarks: [])
        }
        collectNotices(policy, pipeline, stagesPath, into: &environment)
        return ManifestParser.Result(environment: environment, problems: [], remarks: remarks.sorted())
    }

    private func workload(of member: Member, _ pipeline: Pipeline) -> Workload {
        var workload = member.part.workload
        workload.file = member.path
        if workload.hosts != nil {
            workload.autoscaling = nil
        } else if !member.part.givesReplicas {
            workload.replicas = defaults.lazy.compactMap(\.part.replicas).first ?? workload.replicas
        }
        if workload.autoscaling == nil, workload.hosts == nil,
            let limits = defaults.lazy.compactMap(\.part.autoscaling).first,
            !member.part.givesReplicas || limits.clamped(workload.replicas) == workload.replicas
        {
            workload.autoscaling = limits
        }
        if !pipeline.canary.isEmpty, !member.part.namesStrategy {
            workload.rollout.strategy = .canary
            workload.rollout.steps = pipeline.canary
        }
        let resources = defaults.lazy.map(\.part.resources).first { $0 != .null }
        if member.part.takesResources, workload.block["resources"] == .null, let resources {
            workload.block = workload.block.with("resources", resources)
        }
        return workload
    }

    /// Looks up the hosts of every workload that is on hosts.
    private mutating func placeOnHosts() {
        guard let policy else { return }
        for place in workloads.indices {
            let member = workloads[place]
            guard let selection = member.part.selection else { continue }
            let found = HostPlacement(selection, batchBy: member.part.batchBy, in: policy.part.inventory)
            for (at, message) in found.problems { report(member.path, at, message) }
            workloads[place].part.workload.hosts = found.hosts
            workloads[place].part.workload.replicas = found.hosts.count
        }
    }

    private func pipeline() -> (stages: [ParsedFile.PlacedStage], path: String) {
        if let policy, let stages = policy.part.stages { return (stages, policy.path) }
        for (part, path) in defaults { if let stages = part.stages { return (stages, path) } }
        return ([], "")
    }

    private mutating func checkStages(
        _ stages: [ParsedFile.PlacedStage], _ pipeline: Pipeline, in path: String
    ) {
        for (placed, message) in pipeline.problems { report(path, placed.place, message) }
        for placed in stages {
            guard case .deploy(let name) = placed.stage, name != folder.name else { continue }
            report(
                path, placed.place,
                "the stage `deploy-\(name)` deploys another environment: here write deploy-full or deploy-\(folder.name)"
            )
        }
    }

    private mutating func checkNames() {
        for (first, second) in zip(workloads, workloads.dropFirst())
        where first.part.workload.name == second.part.workload.name {
            let place = first.part.namePlace
            report(
                second.path, second.part.namePlace,
                "the workload \"\(second.part.workload.name)\" is declared twice: first at "
                    + "\(prefix)\(first.path):\(place.line):\(place.column)")
        }
    }

    /// Two workloads at one place of a balancer would take each other's requests.
    private mutating func checkBalancers() {
        var taken: [BalancerPlace: String] = [:]
        for member in workloads {
            let name = member.part.workload.name
            for place in BalancerPlace.all(in: member.part.workload.traffic ?? .null) {
                guard let other = taken[place] else {
                    taken[place] = name
                    continue
                }
                report(
                    member.path, member.part.trafficPlace,
                    other == name
                        ? "`traffic` names \(place) twice: requests that are told apart need another one"
                        : "\(place) is that of the workload \"\(other)\" already: give each workload its own")
            }
        }
    }

    private mutating func checkDependencies() {
        let names = Set(workloads.map(\.part.workload.name))
        for member in workloads {
            for (name, place) in zip(member.part.workload.dependsOn, member.part.dependencyPlaces)
            where !names.contains(name) {
                report(member.path, place, "unknown workload \"\(name)\"" + suggestion(for: name, from: names))
            }
        }
        let edges = workloads.reduce(into: [:]) { $0[$1.part.workload.name] = $1.part.workload.dependsOn }
        for cycle in Cycles.all(in: edges) {
            guard let start = cycle.first, let member = workloads.first(where: { $0.part.workload.name == start })
            else { continue }
            let index = member.part.workload.dependsOn.firstIndex { $0 == (cycle.count > 1 ? cycle[1] : start) } ?? 0
            let place =
                index < member.part.dependencyPlaces.count ? member.part.dependencyPlaces[index] : member.part.namePlace
            report(
                member.path, place,
                cycle.count == 1
                    ? "the workload \"\(start)\" depends on itself"
                    : "these workloads wait for each other: \((cycle + [start]).joined(separator: " -> "))")
        }
    }

    private mutating func collectNotices(
        _ policy: (part: ParsedFile.PolicyPart, path: String), _ pipeline: Pipeline, _ stagesPath: String,
        into environment: inout Environment
    ) {
        var all = policy.part.notices.map { ($0, policy.path) }
        all += defaults.flatMap { entry in entry.part.notices.map { ($0, entry.path) } }
        all += pipeline.idle.map { placed in
            let detail = "there is nothing to watch before the first stage that deploys"
            return (Notice(path: placed.stage.shown, place: placed.place, restrains: false, detail: detail), stagesPath)
        }
        all += workloads.flatMap { member in
            member.part.notices.map { ($0, member.path) } + own(member, pipeline).map { ($0, member.path) }
        }
        let allTakeResources = !workloads.isEmpty && workloads.allSatisfy(\.part.takesResources)
        for (notice, path) in all where !(allTakeResources && notice.path == "resources") {
            remarks.append(notice.remark(in: prefix + path))
            if notice.restrains {
                environment.restraints.append(notice.restraint(in: prefix + path))
            } else {
                environment.notes.append(notice.note(in: prefix + path))
            }
        }
    }

    /// That a gate of the pipeline is asked at another place than it stands at.
    private func own(_ member: Member, _ pipeline: Pipeline) -> [Notice] {
        guard member.part.namesStrategy, pipeline.stages.asksWithin else { return [] }
        let sentence =
            "\(member.part.workload.name) has a strategy of its own: the pipeline's approval-gate between canary and "
            + "full deployment is asked before it is touched"
        return [Notice(path: "rollout", place: member.part.namePlace, restrains: false, sentence: sentence)]
    }
}
