import DriverKit
import History
import Manifests
import Model
import Planning
import Processes

/// One environment's life: one pass at a time, from git and from observation to what is recorded.
actor EnvironmentReconciler {
    /// After how many passes that could not repair drift it is left alone.
    static let driftTries = 3

    let name: String
    let parts: EngineParts
    /// How the environment stands, as it was recorded last.
    var record: EnvironmentRecord
    /// The same as it is in the record's file; nil where that is not known.
    var stored: EnvironmentRecord?
    /// What was wanted last, so that the loop need not read it again.
    private(set) var cached: Desired?
    /// What it was last brought to, as that is in the record; nil where that is not known.
    private var reached: Desired?
    /// The parsed files of its folder.
    private(set) var manifests = ManifestCache()
    /// When metrics were last measured.
    var measuredAt: Timestamp?
    /// What the rollout under way is for; nil where none is.
    var underWay: Rollout.Purpose?
    /// One pass or request at a time.
    private let turn = Slots(1, heedsCancellation: false)
    /// Whether the record may say something else of it than `record` does.
    private var isDoubtful = false
    /// Nothing more is done to it and recorded of it then: it was forgotten, or another has taken its place.
    var isForgotten = false
    /// What others may know of it; nil once it is forgotten.
    var standing: EnvironmentRecord? { isForgotten ? nil : record }
    /// Reaches the rollout that is under way.
    nonisolated let line = HaltLine()

    /// `isStored` says whether the record knows the environment already.
    init(_ record: EnvironmentRecord, isStored: Bool, parts: EngineParts) {
        name = record.name
        self.record = record
        stored = isStored ? record : nil
        self.parts = parts
    }

    /// One pass. Never throws: what went wrong is in the report.
    func pass(_ call: PassCall) async -> EnvironmentReport {
        await inTurn { () throws(StoreError) in try await self.perform(call) }
    }

    /// Does one thing at a time to this environment. Where the record cannot be written, nothing that was not recorded
    /// is believed: how the environment stands is read again.
    func alone(
        _ body: @Sendable () async throws(StoreError) -> EnvironmentReport
    ) async -> EnvironmentReport {
        await turn.with {
            do throws(StoreError) {
                if self.isDoubtful { try await self.readAgain() }
                return try await body()
            } catch {
                await self.failed(error)
                return EnvironmentReport(name: self.name, outcome: .error, reason: "\(error)")
            }
        }
    }

    /// Returns when nothing is done to it.
    func rest() async { await turn.with {} }

    /// As `rest`, and nothing is done to it from then on: another source works on it.
    func handOver() async { await turn.with { self.isForgotten = true } }

    private func failed(_ error: StoreError) async {
        cached = nil
        reached = nil
        underWay = nil
        isDoubtful = true
        // A rollout that was staged is either in the record that is read then, or nowhere.
        try? await parts.journal.flush()
        try? await readAgain()
        parts.emit(EngineEvent(.outcome, environment: name, outcome: .error, text: "\(error)"))
    }

    private func readAgain() async throws(StoreError) {
        stored = try await parts.store.environment(name)
        record = stored ?? EnvironmentRecord(name: name, folder: record.folder, source: record.source)
        isDoubtful = false
    }

    /// The environments that come before this one at a revision.
    func predecessors(in snapshot: Snapshot) async -> [String] {
        if let input = record.input, record.problems.isEmpty, snapshot.isUnchanged(input, of: name) {
            return record.after
        }
        guard case .desired(let desired) = await want(snapshot) else { return [] }
        return desired.environment.policy.after
    }

    private func perform(_ call: PassCall) async throws(StoreError) -> EnvironmentReport {
        switch try await aim(call) {
        case .over(let report): return report
        case .target(let target, let purpose): return try await plan(for: target, purpose: purpose, call)
        }
    }

    /// What a pass is about, or what became of it where it is over already. By itself, so that what it takes to find that out
    /// is gone while drivers are waited for.
    private func aim(_ call: PassCall) async throws(StoreError) -> Aim {
        if isForgotten { return .over(report(.held, "\(name) was forgotten")) }
        if let pause = record.pause {
            return .over(try await conclude(.paused, "\(pause.reason); `reconcile resume \(name)` goes on", call))
        }
        if record.isAsRecorded(call.trustsRecord, call.snapshot),
            record.after.allSatisfy({ call.isWaitingFor($0) == nil })
        {
            return .over(try await conclude(.inSync, "everything is as the record says", call))
        }
        let wanted = await want(call.snapshot)
        if let report = try await recover(wanted, call) { return .over(report) }
        switch wanted {
        case .gone:
            return .over(
                try await conclude(
                    .held,
                    "its folder is no longer in git; put it back, or run `reconcile forget \(name)` (with --remove to take "
                        + "down what runs)", call))
        case .unreadable(let reason):
            return .over(try await conclude(.error, reason, call))
        case .broken(let input, let problems):
            record.input = input
            let count = problems.count == 1 ? "a problem" : "\(problems.count) problems"
            let first = problems.first.map { ": \($0.file):\($0.line): \($0.message)" } ?? ""
            return .over(
                try await conclude(
                    .error, "\(count) in its manifests\(first); nothing was touched", call, problems: problems))
        case .desired(let desired):
            let order = await call.orderProblems(desired.environment)
            guard order.isEmpty else {
                return .over(
                    try await conclude(
                        .error, order.map(\.diagnostic).joined(separator: "; "), call, problems: order))
            }
            record.after = desired.environment.policy.after
            record.interval = desired.environment.policy.interval
            record.measures = desired.environment.workloads.contains { $0.autoscaling?.metric != nil } ? true : nil
            return try await aim(at: desired, call)
        }
    }

    private func aim(at desired: Desired, _ call: PassCall) async throws(StoreError) -> Aim {
        record.input = desired.input
        if let hold = record.hold, !isOutlived(hold, by: desired) {
            guard let id = hold.target, let target = try await parts.store.input(name, id)?.desired else {
                return .over(try await conclude(.held, hold.reason, call, notes: desired.environment.notes))
            }
            return .target(target, .repair)
        }
        for name in desired.environment.policy.after {
            guard let reason = call.isWaitingFor(name) else { continue }
            let gate = Gate(name: "after", state: .waiting, reason: reason)
            return .over(try await conclude(.waiting, reason, call, gates: [gate], notes: desired.environment.notes))
        }
        endHold(ifOutlivedBy: desired)
        return .target(desired, .deploy)
    }

    /// Reads what git wants, from memory or the record where nothing that decides it differs.
    private func want(_ snapshot: Snapshot) async -> Wanted {
        if let paths = snapshot.duplicates[name] {
            let problems = paths.map {
                Problem(
                    file: snapshot.tree.prefix + $0 + "/environment.yaml",
                    message: "two folders are named \(name): \(paths.joined(separator: ", ")); rename one")
            }
            return .broken(record.input ?? Input(tree: "", paths: [:]), problems)
        }
        guard let folder = snapshot.folders[name] else { return .gone }
        if let cached, snapshot.isUnchanged(cached.input, of: name) {
            return .desired(keep(cached, at: snapshot.revision.commit))
        }
        record.folder = folder.path
        if let input = record.input, record.problems.isEmpty, snapshot.isUnchanged(input, of: name) {
            if let stored = try? await parts.store.input(name, input.id) {
                if record.running == input.id { reached = stored.desired }
                return .desired(keep(stored.desired, at: snapshot.revision.commit))
            }
        }
        do {
            let (loaded, parsed) = try await parts.loader.load(
                folder, in: snapshot.tree, commit: snapshot.revision.commit, defaults: snapshot.defaults,
                cache: manifests)
            manifests = parsed
            switch loaded {
            case .broken(let input, let problems): return .broken(input, problems)
            case .desired(var desired):
                if let cached { desired.share(cached) }
                return .desired(keep(desired, at: snapshot.revision.commit))
            }
        } catch {
            return .unreadable("its manifests cannot be read: \(error); nothing was touched")
        }
    }

    /// Keeps what is wanted for the next pass. It was decided by the same content at an earlier commit, maybe.
    private func keep(_ desired: Desired, at commit: String) -> Desired {
        var desired = desired
        desired.commit = commit
        cached = desired
        return desired
    }

    /// What the environment was last brought to, for the order in which deleted workloads go.
    func previousEnvironment() async throws(StoreError) -> Environment? {
        guard let running = record.running else { return nil }
        if let cached, cached.input.id == running { return cached.environment }
        return try await parts.store.input(name, running)?.desired.environment
    }

    func untouched(_ plan: Plan) -> String? {
        guard !plan.untouched.isEmpty else { return nil }
        let all = plan.untouched.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return "left alone: " + all.prefix(5).joined(separator: "; ") + (all.count > 5 ? "; …" : "")
    }

    /// Hosts that are left alone while all others are as they should be; nil where there are none.
    func outOfReach(_ plan: Plan, _ lost: [String: String] = [:]) -> String? {
        let all = (plan.unreachable ?? [:]).merging(lost) { first, _ in first }.sorted { $0.key < $1.key }
        guard !all.isEmpty else { return nil }
        let names = all.prefix(5).map { "\($0.key): \($0.value)" }.joined(separator: "; ")
        let more = all.count > 5 ? "; and \(all.count - 5) more" : ""
        return "out of reach and caught up later: " + names + more
    }

    /// What only instances run that are out of reach is not known to be good.
    func good(_ target: Desired, but missing: Set<String> = []) -> [JournalWrite] {
        let isRecorded = record.running == target.input.id && reached?.isSame(as: target) == true
        record.running = target.input.id
        reached = target
        let there = target.deployables.filter { !missing.contains($0.key) }
        let digests = Set(there.values.map(\.digest)).sorted { $0.hex < $1.hex }
        // The loop wants the same from now on as a process that reads the record.
        if let commit = cached?.commit, cached?.input.id == target.input.id {
            cached = target
            cached?.commit = commit
        }
        let means: [JournalWrite] =
            isRecorded ? [] : [.input(environment: name, target), .reached(environment: name, target)]
        return means + [.good(environment: name, input: target.input.id, digests: digests, at: WallClock.now())]
    }
}

/// What a pass is about.
private enum Aim: Sendable {
    case over(EnvironmentReport)
    case target(Desired, Rollout.Purpose)
}

/// What git says of one environment.
enum Wanted: Sendable {
    case desired(Desired)
    case broken(Input, [Problem])
    case unreadable(String)
    /// Its folder is not there any more.
    case gone
}
