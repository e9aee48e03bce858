import Checks
import History
import Manifests
import Model
import Planning
import Processes

/// What a pass would do: the same reading, observing and planning, and nothing written.
package struct Preview: Sendable {
    private let store: Store?
    private let source: any Source
    private let drivers: DriverRegistry
    private let settings: EngineSettings
    private let observer: Observer
    private let loader: Loader

    /// `store` is the record, opened for reading; nil where there is none yet.
    package init(
        store: Store?, source: any Source, drivers: DriverRegistry, settings: EngineSettings
    ) {
        self.store = store
        self.source = source
        self.drivers = drivers
        self.settings = settings
        observer = Observer(drivers: drivers, materials: Materials(state: settings.state, source: source))
        loader = Loader(drivers: drivers)
    }

    /// Fetches, and plans every environment that the settings name. Of a held environment it shows what `resume` would
    /// run.
    package func run() async -> PassReport {
        async let fetched = source.fetched()
        let records = (try? await store?.environments()) ?? []
        let (found, failure) = await Snapshot.newest(of: source, known: records, fetched: fetched)
        guard let snapshot = found else { return PassReport(commit: nil, sourceError: failure, environments: []) }
        let known = Dictionary(records.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let standings = Standings(records)
        let names = settings.only ?? Set(snapshot.folders.keys).union(known.keys)
        var reports: [EnvironmentReport] = []
        await withTaskGroup(of: EnvironmentReport.self) { group in
            for name in names {
                group.addTask { await preview(name, known[name], snapshot, standings) }
            }
            for await report in group { reports.append(report) }
        }
        return PassReport(
            commit: snapshot.revision.commit, sourceError: failure,
            environments: reports.sorted { $0.name < $1.name })
    }

    private func preview(
        _ name: String, _ record: EnvironmentRecord?, _ snapshot: Snapshot, _ standings: Standings
    ) async -> EnvironmentReport {
        func report(_ outcome: Outcome, _ reason: String, _ problems: [Problem] = []) -> EnvironmentReport {
            EnvironmentReport(name: name, outcome: outcome, reason: reason, problems: problems)
        }
        guard let folder = snapshot.folders[name] else {
            return record == nil
                ? report(.error, Names.unknownEnvironment(name, among: snapshot.folders.keys))
                : report(.held, "its folder is no longer in git")
        }
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
            case .desired(let desired): return try await plan(desired, record, snapshot, standings)
            }
        } catch {
            return report(.error, "\(error)")
        }
    }

    private func plan(
        _ desired: Desired, _ record: EnvironmentRecord?, _ snapshot: Snapshot, _ standings: Standings
    ) async throws -> EnvironmentReport {
        let name = desired.environment.name
        let inventory = try await store?.instances(name) ?? []
        let drivers = drivers
        let seen = await observer.observe(
            desired, environment: name, inventory: inventory, trustsRecord: settings.trustsRecord)
        var previous: Environment?
        if let running = record?.running { previous = try await store?.input(name, running)?.desired.environment }
        var plan = Planner.plan(
            Circumstances(
                desired: desired, previous: previous, wasReached: record?.running == desired.input.id,
                inventory: inventory, observations: seen,
                knownGood: try await store?.knownDigests(name) ?? [], allowDelete: settings.allowDelete,
                asksHealth: { drivers.asksHealth($0) })
        ).plan
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
        if !plan.untouched.isEmpty {
            outcome = .error
            reason = plan.untouched.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
        } else if !plan.changes.isEmpty {
            outcome = .planned
            reason = Plural.count(plan.changes.count, "change") + " in " + Plural.count(plan.steps.count, "step")
        } else if let gate = plan.gates.first(where: { $0.state == .waiting }) {
            (outcome, reason) = (.waiting, gate.reason)
        } else {
            (outcome, reason) = (.inSync, "everything is as git says")
        }
        return EnvironmentReport(
            name: name, outcome: outcome, reason: reason, changes: plan.changes, steps: plan.steps,
            gates: plan.gates, notes: plan.notes)
    }
}
