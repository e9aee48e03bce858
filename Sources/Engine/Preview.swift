import Checks
import History
import Manifests
import Model
import Planning
import Processes
import Traffic

/// What a pass would do: the same reading, observing and planning, and nothing written.
package struct Preview: Sendable {
    private let store: Store?
    private let sources: [NamedSource]
    private let drivers: DriverRegistry
    private let settings: EngineSettings
    private let loader: Loader
    private let router: Router
    private let checker: Checker

    /// `store` is the record, opened for reading; nil where there is none yet.
    package init(
        store: Store?, sources: [NamedSource], drivers: DriverRegistry, runner: ProcessRunner, checker: Checker,
        settings: EngineSettings
    ) {
        self.checker = checker
        router = Router(Balancers(runner: runner))
        self.store = store
        self.sources = sources
        self.drivers = drivers
        self.settings = settings
        loader = Loader(drivers: drivers)
    }

    /// One source as it was found.
    private struct Look: Sendable {
        var source: NamedSource
        var snapshot: Snapshot?
        var failure: String?
    }

    /// Fetches, and plans every environment that the settings name. Of a held environment it shows what `resume` would
    /// run.
    package func run() async -> PassReport {
        let fetches = sources.map { source in Task { await source.source.fetched() } }
        let records = (try? await store?.environments()) ?? []
        var looks: [Look] = []
        for (source, fetch) in zip(sources, fetches) {
            let known = sources.count == 1 ? records : records.filter { $0.source == source.name }
            let (snapshot, failure) = await Snapshot.newest(of: source.source, known: known, fetched: await fetch.value)
            looks.append(Look(source: source, snapshot: snapshot, failure: failure))
        }
        let known = Dictionary(records.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let standings = Standings(records)
        let owners = owners(of: looks, known)
        var reports: [PassReport] = []
        for (place, look) in looks.enumerated() {
            reports.append(await preview(look, names: owners.filter { $0.value == place }.map(\.key), known, standings))
        }
        for (place, look) in looks.enumerated() {
            let foreign = look.snapshot?.folders.keys.filter { owners[$0] != place }.sorted() ?? []
            let lines = foreign.map { SourceReconciler.complaint($0, owners[$0].flatMap { sources[$0].name }) }
            let all = [look.failure].compactMap { $0 } + lines
            reports[place].sources[0].error = all.isEmpty ? nil : all.joined(separator: "; ")
        }
        return PassReport.joined(
            reports, asked: settings.only,
            known: Set(known.keys).union(looks.flatMap { $0.snapshot?.folders.keys.map { $0 } ?? [] }))
    }

    private func owners(of looks: [Look], _ known: [String: EnvironmentRecord]) -> [String: Int] {
        let places = Dictionary(sources.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        var ownership = Ownership(sources: sources.count, recorded: known.compactMapValues { places[$0.source] })
        for (place, look) in looks.enumerated() {
            ownership.saw(look.snapshot.map { Set($0.folders.keys) }, in: place)
        }
        let names = Set(known.keys).union(looks.flatMap { $0.snapshot?.folders.keys.map { $0 } ?? [] })
        return Dictionary(
            names.map { ($0, ownership.owner(of: $0) ?? 0) }, uniquingKeysWith: { first, _ in first })
    }

    private func preview(
        _ look: Look, names: [String], _ known: [String: EnvironmentRecord], _ standings: Standings
    ) async -> PassReport {
        let source = SourceReport(
            name: look.source.name, commit: look.snapshot?.revision.commit, error: nil,
            transport: look.snapshot?.revision.transport)
        guard let snapshot = look.snapshot else { return PassReport(sources: [source], environments: []) }
        let observer = Observer(
            drivers: drivers, materials: Materials(state: settings.state, source: look.source.source), router: router)
        var reports: [EnvironmentReport] = []
        await withTaskGroup(of: EnvironmentReport.self) { group in
            for name in names where settings.only?.contains(name) ?? true {
                group.addTask { await preview(name, known[name], snapshot, look.source.name, standings, observer) }
            }
            for await report in group { reports.append(report) }
        }
        return PassReport(sources: [source], environments: reports)
    }

    private func preview(
        _ name: String, _ record: EnvironmentRecord?, _ snapshot: Snapshot, _ source: String?,
        _ standings: Standings, _ observer: Observer
    ) async -> EnvironmentReport {
        func report(_ outcome: Outcome, _ reason: String, _ problems: [Problem] = []) -> EnvironmentReport {
            EnvironmentReport(name: name, outcome: outcome, reason: reason, problems: problems)
        }
        guard let folder = snapshot.folders[name] else { return report(.held, "its folder is no longer in git") }
        if let record, record.isAsRecorded(settings.trustsRecord, snapshot) {
            return report(.inSync, "everything is as the record says")
        }
        do {
            switch try await loader.load(
                folder, in: snapshot.tree, commit: snapshot.revision.commit, defaults: snapshot.defaults,
                cache: ManifestCache()
            ).0
            {
            case .broken(_, let problems): return report(.error, "its manifests have problems", problems)
            case .desired(let desired): return try await plan(desired, record, snapshot, source, standings, observer)
            }
        } catch {
            return report(.error, "\(error)")
        }
    }

    private func plan(
        _ desired: Desired, _ record: EnvironmentRecord?, _ snapshot: Snapshot, _ source: String?,
        _ standings: Standings, _ observer: Observer
    ) async throws -> EnvironmentReport {
        let name = desired.environment.name
        let problems = try await standings.hosts.problems(
            of: desired, records: standings.all, isGone: { snapshot.lacks($0, source: source) }, store: store,
            drivers: drivers.descriptions, prefix: snapshot.tree.prefix)
        guard problems.isEmpty else {
            return EnvironmentReport(
                name: name, outcome: .error, reason: problems.map(\.diagnostic).joined(separator: "; "),
                problems: problems)
        }
        var previous: Environment?
        if let running = record?.running { previous = try await store?.input(name, running)?.desired.environment }
        var circumstances = try await observer.circumstances(
            Observer.Look(
                target: desired, record: record, previous: previous, trustsRecord: settings.trustsRecord,
                allowDelete: settings.allowDelete), store: store)
        let scales = try await store?.scales(name) ?? []
        let mayScale = circumstances.wasReached && record?.hold == nil && record?.pause == nil
        circumstances.recall(scales, mayScale: mayScale)
        var result = Planner.plan(circumstances)
        if mayScale {
            let autoscaler = Autoscaler(drivers: drivers, materials: observer.materials, checker: checker)
            try await autoscaler.scaling(desired, result, stored: scales, now: { WallClock.now() }) {
                workload throws(StoreError) in try await store?.recommendations(name, workload: workload) ?? []
            }.apply(to: &circumstances, &result)
        }
        var plan = result.plan
        for before in desired.environment.policy.after {
            if let reason = standings.isWaitingFor(before, at: snapshot) {
                plan.gates.append(Gate(name: "after", state: .waiting, reason: reason))
            }
        }
        plan.notes += snapshot.revision.notes
        if let pause = record?.pause { plan.notes.append("paused: \(pause.reason)") }
        if let hold = record?.hold { plan.notes.append("held: \(hold.reason)") }
        let outcome: Outcome
        let reason: String
        let unseen = plan.untouched.merging(plan.unreachable ?? [:]) { first, _ in first }
        if !unseen.isEmpty {
            outcome = .error
            reason = unseen.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
        } else if !plan.changes.isEmpty {
            outcome = .planned
            let takes = plan.leastTime > .zero ? ", takes at least \(plan.leastTime)" : ""
            let scaled = plan.changes.compactMap(\.because).map { "; " + $0 }.joined()
            reason =
                Plural.count(plan.changes.count, "change") + " in " + Plural.count(plan.steps.count, "step") + takes
                + scaled
        } else if let gate = plan.gates.first(where: { $0.state == .waiting }) {
            (outcome, reason) = (.waiting, gate.reason)
        } else {
            (outcome, reason) = (.inSync, "everything is as git says")
        }
        return EnvironmentReport(
            name: name, outcome: outcome, reason: reason, changes: plan.changes, steps: plan.steps,
            gates: plan.gates, notes: plan.notes,
            files: await observer.differences(plan, inventory: circumstances.inventory))
    }
}
