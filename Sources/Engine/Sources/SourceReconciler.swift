import Checks
import History
import Manifests
import Model
import Planning
import Processes
import Traffic

/// All environments of one source: single passes, and the parts that the loop uses.
actor SourceReconciler {
    let parts: EngineParts
    let settings: EngineSettings
    let standings: Standings
    let claims: Claims
    let origin: NamedSource
    /// The source's place among all.
    let place: Int
    var environments: [String: EnvironmentReconciler] = [:]
    /// The newest revision that was listed.
    var snapshot: Snapshot?
    /// What this source has that belongs to another, as it was last said.
    var foreign: [String] = []
    /// Whether no further pass shall begin.
    var isEnding = false
    /// The loop's look that is under way: a silent server does not hold up the end.
    var looking: Task<(Snapshot?, String?), Never>?
    /// Makes the loop look at the source.
    let sourceMail = Inbox<Trigger>()
    /// Makes an environment's loop pass.
    var mailboxes: [String: Inbox<Trigger>] = [:]
    /// One loop for each environment.
    var lives: [String: Task<Void, Never>] = [:]
    /// The environments that come before each, as far as it is known.
    var edges: [String: [String]] = [:]

    /// What all sources have in common.
    struct Common: Sendable {
        var settings: EngineSettings
        var standings: Standings
        var claims: Claims
        /// How many acts may run together, whosever they are.
        var acts: Slots
        /// What shifts traffic, one change of a balancer at a time.
        var router: Router
    }

    /// `records` are the environments that it works on at first.
    init(_ origin: NamedSource, place: Int, records: [EnvironmentRecord], _ make: Reconciler.Make, _ common: Common) {
        let materials = Materials(state: common.settings.state, source: origin.source)
        let runner = StepRunner(
            drivers: make.drivers, materials: materials, checker: make.checker, router: common.router)
        let parts = EngineParts(
            store: make.store, journal: make.journal, source: origin.source, sourceName: origin.name,
            drivers: make.drivers, loader: Loader(drivers: make.drivers), materials: materials,
            observer: Observer(drivers: make.drivers, materials: materials, router: common.router),
            executor: Executor(
                store: make.store, journal: make.journal, runner: runner, acts: common.acts, emit: make.emit),
            checker: make.checker,
            notifier: Notifier(
                runner: make.runner, materials: materials, settings: common.settings,
                baseEnvironment: make.baseEnvironment, emit: make.emit), emit: make.emit)
        self.parts = parts
        self.origin = origin
        self.place = place
        settings = common.settings
        standings = common.standings
        claims = common.claims
        environments = Dictionary(
            records.map { ($0.name, EnvironmentReconciler($0, isStored: true, parts: parts)) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Passes once over every environment that the settings name. `fetched` is what a fetch brought.
    func once(_ trigger: Trigger, fetched: Result<Revision, SourceError>) async -> PassReport {
        let (found, failure) = await look(fetched)
        var source = SourceReport(
            name: origin.name, commit: found?.revision.commit, error: failure, transport: found?.revision.transport)
        guard let snapshot = found else { return PassReport(sources: [source], environments: []) }
        self.snapshot = snapshot
        var later: [String] = []
        var now = names(in: snapshot)
        // One whose folder is gone may be another source's by now.
        for name in now where environments[name] == nil || snapshot.folders[name] == nil {
            if await claims.isOpen(name) { later.append(name) } else { await adopt(name, in: snapshot) }
        }
        now = await ours(now.filter { !later.contains($0) })
        var reports = await passAll(now, snapshot, trigger)
        // Whose these are depends on sources that take longer: what is known to be ours is not held up by them.
        for name in later {
            await claims.settled(name)
            await adopt(name, in: snapshot)
        }
        reports += await passAll(await ours(later), snapshot, trigger)
        await rest()
        if let complaint = await sayForeign(in: snapshot) {
            source.error = source.error.map { $0 + "; " + complaint } ?? complaint
        }
        return PassReport(sources: [source], environments: reports.sorted { $0.name < $1.name })
    }

    /// Those that it works on and that are no other source's.
    private func ours(_ names: [String]) async -> [String] {
        let others = Set(await claims.foreign(names, for: place).map(\.name))
        return names.filter { environments[$0] != nil && !others.contains($0) }
    }

    /// Fetches, and lists the newest revision there is; a failed fetch leaves the last one.
    func look(_ fetched: Result<Revision, SourceError>? = nil) async -> (Snapshot?, String?) {
        let (snapshot, failure) = await Snapshot.newest(of: parts.source, known: known, fetched: fetched)
        if let failure, !isEnding { parts.emit(EngineEvent(.fetchFailed, source: origin.name, text: failure)) }
        for note in snapshot?.revision.notes ?? [] {
            parts.emit(EngineEvent(.warning, source: origin.name, text: note))
        }
        await claims.saw(snapshot.map { Set($0.folders.keys) }, in: place)
        return (snapshot, failure)
    }

    /// Every environment that git or the record knows, and of those only the ones that the settings name.
    func names(in snapshot: Snapshot) -> [String] {
        let known = Set(snapshot.folders.keys).union(environments.keys)
        return (settings.only.map { known.intersection($0) } ?? known).sorted()
    }

    /// Makes the reconciler of an environment that git has and nobody works on yet, unless it is another source's.
    func adopt(_ name: String, in snapshot: Snapshot) async {
        guard let folder = snapshot.folders[name], await claims.take(name, for: place), environments[name] == nil
        else { return }
        // It may come from another source: with its past.
        let record = standings.record(name)
        var adopted = record ?? EnvironmentRecord(name: name, folder: folder.path)
        adopted.source = origin.name
        let new = EnvironmentReconciler(adopted, isStored: record != nil, parts: parts)
        if isEnding { new.line.halt(.ending) }
        environments[name] = new
    }

    /// Lets another source have an environment: returns when nothing is done to it here.
    func release(_ name: String) async {
        guard let environment = environments.removeValue(forKey: name) else { return }
        edges[name] = nil
        lives[name] = nil
        mailboxes.removeValue(forKey: name)?.put(.manual)
        await environment.handOver()
    }

    /// Says which folders belong to another source; nil where none does. What was said already makes no event.
    func sayForeign(in snapshot: Snapshot) async -> String? {
        let names = snapshot.folders.keys.filter { environments[$0] == nil }
        let found = await claims.foreign(names, for: place)
        let lines = found.map { Self.complaint($0.name, $0.owner) }
        let news = lines.filter { !foreign.contains($0) }
        foreign = lines
        for line in news { parts.emit(EngineEvent(.warning, source: origin.name, text: line)) }
        return lines.isEmpty ? nil : lines.joined(separator: "; ")
    }

    static func complaint(_ environment: String, _ owner: String?) -> String {
        "its environment \(environment) belongs to the source \(owner ?? "?"); rename one"
    }

    /// Every environment that its git has or that it works on.
    var names: Set<String> { Set(environments.keys).union(snapshot?.folders.keys ?? [:].keys) }

    /// Makes its loop look now.
    nonisolated func wake(_ trigger: Trigger) { sourceMail.put(trigger) }

    /// How the environments that it works on stand.
    private var known: [EnvironmentRecord] { environments.keys.compactMap { standings.record($0) } }

    private func passAll(_ names: [String], _ snapshot: Snapshot, _ trigger: Trigger) async -> [EnvironmentReport] {
        var after: [String: [String]] = [:]
        await withTaskGroup(of: (String, [String]).self) { group in
            for name in names {
                guard let environment = environments[name] else { continue }
                group.addTask { (name, await environment.predecessors(in: snapshot)) }
            }
            for await (name, predecessors) in group { after[name] = predecessors }
        }
        let order = Order.sorted(names, dependencies: { after[$0] ?? [] })
        edges.merge(after) { $1 }
        let call = call(snapshot, trigger)
        var tasks: [String: Task<EnvironmentReport, Never>] = [:]
        for name in order {
            let before = (after[name] ?? []).compactMap { tasks[$0] }
            guard let environment = environments[name] else { continue }
            // Nothing of this actor is used in there, so that no pass waits for it.
            tasks[name] = Task { [standings] in
                for task in before { _ = await task.value }
                return await Self.pass(environment, call, standings)
            }
        }
        var reports: [EnvironmentReport] = []
        for name in names { if let task = tasks[name] { reports.append(await task.value) } }
        return reports
    }

    /// A pass as the settings have it.
    func call(_ snapshot: Snapshot, _ trigger: Trigger, next: Timestamp? = nil) -> PassCall {
        PassCall(
            snapshot: snapshot, trigger: trigger, trustsRecord: settings.trustsRecord,
            allowDelete: settings.allowDelete,
            isWaitingFor: { [standings] in standings.isWaitingFor($0, at: snapshot) },
            orderProblems: { [edges, standings] in await Self.orderProblems(of: $0, snapshot, edges, standings) },
            hostProblems: hostProblems(snapshot), next: next)
    }

    /// What a target wants of hosts that another environment has.
    func hostProblems(_ snapshot: Snapshot) -> @Sendable (Desired, Bool) async throws(StoreError) -> [Problem] {
        { [standings, parts] desired, isWayBack throws(StoreError) in
            try await standings.hosts.problems(
                of: desired, isWayBack: isWayBack, records: standings.all,
                isGone: { snapshot.lacks($0, source: parts.sourceName) },
                store: parts.store, drivers: parts.drivers.descriptions, prefix: snapshot.tree.prefix)
        }
    }

    /// One pass over one environment, and what others need to know of it.
    static func pass(
        _ environment: EnvironmentReconciler, _ call: PassCall, _ standings: Standings
    ) async -> EnvironmentReport {
        guard !environment.line.isEnding else {
            return EnvironmentReport(name: environment.name, outcome: .waiting, reason: "not begun: asked to end")
        }
        let report = await environment.pass(call)
        await heed(report, of: environment, standings)
        return report
    }

    /// What others need to know of an environment after something was done to it.
    static func heed(
        _ report: EnvironmentReport, of environment: EnvironmentReconciler, _ standings: Standings
    ) async {
        guard let record = await environment.standing else { return }
        standings.update(record)
        switch report.outcome {
        case .applied, .inSync, .rolledBack: break
        case .held where record.hold != nil: break
        default: return
        }
        await standings.hosts.settle(record.name, at: record.running)
    }

    /// What is wrong with an environment's `after`, seen together with all others.
    private static func orderProblems(
        of environment: Environment, _ snapshot: Snapshot, _ edges: [String: [String]], _ standings: Standings
    ) async -> [Problem] {
        let others = snapshot.folders.values.filter { $0.name != environment.name }.map { folder in
            Environment(
                name: folder.name, folder: folder.path,
                policy: Policy(after: edges[folder.name] ?? standings.record(folder.name)?.after ?? []))
        }
        let problems = EnvironmentOrder.problems(
            in: others + [environment], known: Set(snapshot.folders.keys), prefix: snapshot.tree.prefix,
            realPaths: await RealPaths.all(environment.workloads.compactMap(\.traffic)))
        return problems[environment.folder] ?? []
    }
}
