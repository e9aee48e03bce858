import Checks
import History
import Manifests
import Model
import Planning
import Processes

/// All environments of one source and one state folder: single passes, and the parts that the loop uses.
package actor Reconciler {
    let parts: EngineParts
    let settings: EngineSettings
    let standings: Standings
    var environments: [String: EnvironmentReconciler] = [:]
    /// The newest revision that was listed.
    var snapshot: Snapshot?
    /// Requests that are being answered.
    var answering: Set<Int> = []
    /// Whether no further pass shall begin.
    var isEnding = false
    /// Makes the loop look at the source.
    let sourceMail = Inbox<Trigger>()
    /// Makes an environment's loop pass.
    var mailboxes: [String: Inbox<Trigger>] = [:]
    /// One loop for each environment.
    var lives: [String: Task<Void, Never>] = [:]
    /// The environments that come before each, as far as it is known.
    var edges: [String: [String]] = [:]

    /// What a reconciler is made of.
    package struct Make: Sendable {
        /// The record, opened for writing.
        package var store: Store
        /// The record's journal.
        package var journal: Journal
        /// Where desired state comes from.
        package var source: any Source
        /// What reaches things.
        package var drivers: DriverRegistry
        /// Runs commands of checks and notifications.
        package var runner: ProcessRunner
        /// Asks health and smoke checks.
        package var checker: Checker
        /// What of our own environment commands see.
        package var baseEnvironment: [String: String]
        /// Takes events as they happen.
        package var emit: EventSink

        /// All parts.
        package init(
            store: Store, journal: Journal, source: any Source, drivers: DriverRegistry, runner: ProcessRunner,
            checker: Checker, baseEnvironment: [String: String], emit: @escaping EventSink
        ) {
            self.store = store
            self.journal = journal
            self.source = source
            self.drivers = drivers
            self.runner = runner
            self.checker = checker
            self.baseEnvironment = baseEnvironment
            self.emit = emit
        }
    }

    /// Reads how every environment stands. Throws where the record cannot be read.
    package init(_ make: Make, settings: EngineSettings) async throws(StoreError) {
        let materials = Materials(state: settings.state, source: make.source)
        await materials.sweep()
        let runner = StepRunner(drivers: make.drivers, materials: materials, checker: make.checker)
        parts = EngineParts(
            store: make.store, journal: make.journal, source: make.source, drivers: make.drivers,
            loader: Loader(drivers: make.drivers), materials: materials,
            observer: Observer(drivers: make.drivers, materials: materials),
            executor: Executor(
                journal: make.journal, runner: runner, acts: Slots(settings.parallel * 2), emit: make.emit),
            checker: make.checker,
            notifier: Notifier(
                runner: make.runner, materials: materials, settings: settings, baseEnvironment: make.baseEnvironment,
                emit: make.emit), emit: make.emit)
        self.settings = settings
        let records = try await make.store.environments()
        standings = Standings(records)
        for record in records {
            environments[record.name] = EnvironmentReconciler(record, isStored: true, parts: parts)
        }
    }

    /// Passes once over every environment that the settings name. `fetched` is what a fetch brought.
    package func once(
        _ trigger: Trigger = .manual, fetched: Result<Revision, SourceError>
    ) async -> PassReport {
        let watch = watchRequests()
        defer { watch.cancel() }
        let (snapshot, sourceError) = await look(fetched)
        guard let snapshot else { return PassReport(commit: nil, sourceError: sourceError, environments: []) }
        self.snapshot = snapshot
        let reports = await passAll(snapshot, trigger)
        watch.cancel()
        await rest()
        if reports.contains(where: { $0.reconcile != nil }) { await care() }
        return PassReport(commit: snapshot.revision.commit, sourceError: sourceError, environments: reports)
    }

    /// The environments of a report whose rollout did not come to its end, with their reconciles.
    package func interrupted(in report: PassReport) async -> [(name: String, reconcile: Int)] {
        var found: [(name: String, reconcile: Int)] = []
        for name in report.environments.map(\.name) {
            guard let record = await environments[name]?.record, record.pause == nil else { continue }
            if let id = record.openReconcile { found.append((name, id)) }
        }
        return found
    }

    /// Fetches, and lists the newest revision there is; a failed fetch leaves the last one.
    func look(_ fetched: Result<Revision, SourceError>? = nil) async -> (Snapshot?, String?) {
        let (snapshot, failure) = await Snapshot.newest(of: parts.source, known: standings.all, fetched: fetched)
        if let failure { parts.emit(EngineEvent(.fetchFailed, text: failure)) }
        for note in snapshot?.revision.notes ?? [] { parts.emit(EngineEvent(.warning, text: note)) }
        return (snapshot, failure)
    }

    /// Every environment that git or the record knows, and of those only the ones that the settings name.
    func names(in snapshot: Snapshot) -> [String] {
        let known = Set(snapshot.folders.keys).union(environments.keys)
        return (settings.only ?? known).sorted()
    }

    /// The environment's reconciler; made where git has a new one, nil where nobody knows the name.
    func reconciler(for name: String, in snapshot: Snapshot) -> EnvironmentReconciler? {
        if let known = environments[name] { return known }
        guard let folder = snapshot.folders[name] else { return nil }
        let new = EnvironmentReconciler(
            EnvironmentRecord(name: name, folder: folder.path), isStored: false, parts: parts)
        if isEnding { new.line.halt(.ending) }
        environments[name] = new
        return new
    }

    private func passAll(_ snapshot: Snapshot, _ trigger: Trigger) async -> [EnvironmentReport] {
        let names = names(in: snapshot)
        var after: [String: [String]] = [:]
        var actors: [String: EnvironmentReconciler] = [:]
        for name in names { actors[name] = reconciler(for: name, in: snapshot) }
        await withTaskGroup(of: (String, [String]).self) { group in
            for (name, environment) in actors {
                group.addTask { (name, await environment.predecessors(in: snapshot)) }
            }
            for await (name, predecessors) in group { after[name] = predecessors }
        }
        let order = Order.sorted(names, dependencies: { after[$0] ?? [] })
        edges = after
        let call = call(snapshot, trigger)
        var tasks: [String: Task<EnvironmentReport, Never>] = [:]
        for name in order {
            let before = (after[name] ?? []).compactMap { tasks[$0] }
            guard let environment = actors[name] else { continue }
            // Nothing of this actor is used in there, so that no pass waits for it.
            tasks[name] = Task { [standings] in
                for task in before { _ = await task.value }
                return await Self.pass(environment, call, standings)
            }
        }
        var reports: [EnvironmentReport] = []
        for name in names { reports.append(await tasks[name]?.value ?? unknown(name, in: snapshot)) }
        return reports
    }

    /// A pass as the settings have it.
    func call(_ snapshot: Snapshot, _ trigger: Trigger, next: Timestamp? = nil) -> PassCall {
        PassCall(
            snapshot: snapshot, trigger: trigger, trustsRecord: settings.trustsRecord,
            allowDelete: settings.allowDelete,
            isWaitingFor: { [standings] in standings.isWaitingFor($0, at: snapshot) },
            orderProblems: { [edges, standings] in Self.orderProblems(of: $0, snapshot, edges, standings) },
            next: next)
    }

    /// One pass over one environment, and what others need to know of it.
    static func pass(
        _ environment: EnvironmentReconciler, _ call: PassCall, _ standings: Standings
    ) async -> EnvironmentReport {
        guard !environment.line.isEnding else {
            return EnvironmentReport(name: environment.name, outcome: .waiting, reason: "not begun: asked to end")
        }
        let report = await environment.pass(call)
        if let record = await environment.standing { standings.update(record) }
        return report
    }

    /// What is wrong with an environment's `after`, seen together with all others.
    private static func orderProblems(
        of environment: Environment, _ snapshot: Snapshot, _ edges: [String: [String]], _ standings: Standings
    ) -> [Problem] {
        let others = snapshot.folders.values.filter { $0.name != environment.name }.map { folder in
            Environment(
                name: folder.name, folder: folder.path,
                policy: Policy(after: edges[folder.name] ?? standings.record(folder.name)?.after ?? []))
        }
        let problems = EnvironmentOrder.problems(
            in: others + [environment], known: Set(snapshot.folders.keys), prefix: snapshot.tree.prefix)
        return problems[environment.folder] ?? []
    }

    private func unknown(_ name: String, in snapshot: Snapshot) -> EnvironmentReport {
        EnvironmentReport(
            name: name, outcome: .error, reason: Names.unknownEnvironment(name, among: snapshot.folders.keys))
    }

    /// Ends what drivers keep running; after the last pass.
    package func close() async { await parts.drivers.close() }

    /// Keeps the record and the state folder bounded.
    func care() async {
        do {
            _ = try await parts.store.prune(
                keep: settings.keepReconciles, days: settings.keepDays, now: WallClock.now())
            try await parts.materials.clean { [parts] () throws(StoreError) in try await parts.store.fileLists() }
        } catch {
            parts.emit(EngineEvent(.warning, text: "old records cannot be removed: \(error)"))
        }
    }
}
