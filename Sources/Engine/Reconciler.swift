import Checks
import DriverKit
import History
import Model
import Processes
import Traffic

/// All sources and environments of one state folder: one pass over everything, or the loop.
package actor Reconciler {
    private let store: Store
    private let journal: Journal
    private let drivers: DriverRegistry
    private let settings: EngineSettings
    private let sources: [SourceReconciler]
    private let claims: Claims
    private let materials: Materials?
    private let emit: EventSink
    /// The environments that were on record when it began.
    private let recorded: Set<String>
    /// Requests that are being answered.
    private var answering: Set<Int> = []
    private var isEnding = false

    /// What a reconciler is made of.
    package struct Make: Sendable {
        /// The record, opened for writing.
        package var store: Store
        /// The record's journal.
        package var journal: Journal
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
            store: Store, journal: Journal, drivers: DriverRegistry, runner: ProcessRunner, checker: Checker,
            baseEnvironment: [String: String], emit: @escaping EventSink
        ) {
            self.store = store
            self.journal = journal
            self.drivers = drivers
            self.runner = runner
            self.checker = checker
            self.baseEnvironment = baseEnvironment
            self.emit = emit
        }
    }

    /// Reads how every environment stands. Throws where the record cannot be read.
    package init(_ make: Make, sources: [NamedSource], settings: EngineSettings) async throws(StoreError) {
        store = make.store
        journal = make.journal
        drivers = make.drivers
        emit = make.emit
        self.settings = settings
        materials = sources.first.map { Materials(state: settings.state, source: $0.source) }
        await materials?.sweep()
        let records = try await make.store.environments()
        recorded = Set(records.map(\.name))
        // What was recorded for a source that is not configured any more is looked after by the first.
        let places = Dictionary(
            sources.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        let owners = Dictionary(
            records.compactMap { record in places[record.source].map { (record.name, $0) } },
            uniquingKeysWith: { first, _ in first })
        let holders = Dictionary(
            records.map { ($0.name, owners[$0.name] ?? 0) }, uniquingKeysWith: { first, _ in first })
        claims = Claims(sources.map(\.name), recorded: owners, holders: holders)
        let common = SourceReconciler.Common(
            settings: settings, standings: Standings(records), claims: claims, acts: Slots(settings.parallel * 2),
            router: Router(Balancers(runner: make.runner)))
        self.sources = sources.enumerated().map { place, source in
            SourceReconciler(
                source, place: place, records: records.filter { holders[$0.name] == place }, make, common)
        }
        for (place, source) in self.sources.enumerated() {
            await claims.register(place) { await source.release($0) }
        }
    }

    /// Passes once over every environment that the settings name. `fetched` is what each source's fetch brings.
    package func once(
        _ trigger: Trigger = .manual, fetched: [Task<Result<Revision, SourceError>, Never>]
    ) async -> PassReport {
        let watch = watchRequests()
        defer { watch.cancel() }
        var reports = [PassReport?](repeating: nil, count: sources.count)
        await withTaskGroup(of: (Int, PassReport).self) { group in
            for (place, (source, fetch)) in zip(sources, fetched).enumerated() {
                group.addTask { (place, await source.once(trigger, fetched: await fetch.value)) }
            }
            for await (place, report) in group { reports[place] = report }
        }
        watch.cancel()
        var known = recorded
        for source in sources { known.formUnion(await source.names) }
        let whole = PassReport.joined(reports.compactMap { $0 }, asked: settings.only, known: known)
        if whole.environments.contains(where: { $0.reconcile != nil }) { await care() }
        return whole
    }

    /// The environments of a report whose rollout did not come to its end, with their reconciles.
    package func interrupted(in report: PassReport) async -> [(name: String, reconcile: Int)] {
        var found: [(name: String, reconcile: Int)] = []
        for environment in report.environments {
            // One that waits for a person or for data has come as far as it can.
            guard !environment.gates.contains(where: \.isOfRollout),
                let record = try? await store.environment(environment.name), record.pause == nil,
                let id = record.openReconcile
            else { continue }
            found.append((environment.name, id))
        }
        return found
    }

    /// The loop over all sources. Runs until `end` was called and every environment stopped at a step boundary.
    package func run(wakes: AsyncStream<Trigger>) async {
        let waking = Task { [sources] in for await trigger in wakes { for source in sources { source.wake(trigger) } } }
        let watch = watchRequests()
        let caring = Task { await self.keepBounded() }
        let changes = settings.trustsRecord ? [] : watchDrivers()
        await withTaskGroup(of: Void.self) { group in
            for source in sources { group.addTask { await source.run() } }
        }
        waking.cancel()
        watch.cancel()
        caring.cancel()
        for task in changes { task.cancel() }
    }

    /// Lets every rollout stop at its next step boundary and begins nothing more. With `kills`, commands that run are
    /// killed; the next start finds out what became of them.
    package func end(kills: Bool) async {
        isEnding = true
        await claims.end()
        for source in sources { await source.end() }
        if kills { await OwnThread.run { [run = store.stateID] in _ = Survivors.end(runID: run) } }
    }

    /// Has every environment of which something changed by itself pass at once; what comes together is one pass.
    private func watchDrivers() -> [Task<Void, Never>] {
        let changes = Changes()
        let watching = drivers.all.map { driver in Task { await driver.watch { changes.add($0) } } }
        let passing = Task { [sources] in
            for await names in changes { for source in sources { await source.changed(names) } }
        }
        return watching + [passing]
    }

    /// Looks for requests until it is cancelled.
    private func watchRequests() -> Task<Void, Never> {
        Task {
            while !Task.isCancelled {
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
                await answerRequests()
            }
        }
    }

    /// Answers every request that waits, oldest first.
    package func answerRequests() async {
        guard !isEnding, let requests = try? await store.pendingRequests() else { return }
        for request in requests where answering.insert(request.id).inserted {
            do throws(StoreError) {
                let answer = try await answer(request)
                try await journal.commit([
                    .finishRequest(
                        id: request.id, succeeded: answer.succeeded, result: answer.result, at: WallClock.now())
                ])
            } catch {
                emit(EngineEvent(.warning, environment: request.environment, text: "\(error)"))
            }
            answering.remove(request.id)
        }
    }

    private func answer(_ request: Request) async throws(StoreError) -> EnvironmentReconciler.Answer {
        var names: Set<String> = []
        for source in sources {
            if let answer = try await source.answer(request) { return answer }
            names.formUnion(await source.names)
        }
        return (false, Names.unknownEnvironment(request.environment, among: names))
    }

    private func keepBounded() async {
        while !Task.isCancelled {
            await care()
            do { try await Task.sleep(for: .seconds(600)) } catch { return }
        }
    }

    /// Ends what drivers keep running; after the last pass.
    package func close() async { await drivers.close() }

    /// Keeps the record and the state folder bounded.
    private func care() async {
        do {
            _ = try await store.prune(
                keep: settings.keepReconciles, days: settings.keepDays, now: WallClock.now())
            try await materials?.clean { [store] () throws(StoreError) in try await store.fileLists() }
        } catch {
            emit(EngineEvent(.warning, text: "old records cannot be removed: \(error)"))
        }
    }
}
