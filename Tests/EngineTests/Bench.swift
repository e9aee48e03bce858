import Checks
import DriverKit
import History
import Model
import Planning
import Processes
import TestSupport
import Traffic

@testable import Engine

/// The parts that run one rollout, over a record of one test's own. No files come from its source.
struct Bench: Sendable {
    let store: Store
    let journal: Journal
    let checker: Checker
    let runner: StepRunner

    private struct NoSource: Source {
        let newest = Revision(
            commit: "c", author: "", subject: "", committedAt: Timestamp(milliseconds: 1_772_357_400_000))

        func fetch() async throws(SourceError) -> Revision { newest }
        func head() async throws(SourceError) -> Revision? { newest }
        func revision(_ name: String) async throws(SourceError) -> Revision { newest }
        func tree(at commit: String) async throws(SourceError) -> any SourceTree { NoTree() }
    }

    private struct NoTree: SourceTree {
        let prefix = ""
        func environments(known: Set<String>) async throws(SourceError) -> [EnvironmentFolder] { [] }
        func files(under path: String, limit: Int) async throws(SourceError) -> [SourceFile] { [] }
        func ids(at paths: [String]) async throws(SourceError) -> [String: String] { [:] }
        func contents(of files: [SourceFile], maxSize: Int) async throws(SourceError) -> [[UInt8]] { [] }
    }

    /// Who brings the environment `staging` where it shall go, from what the record says.
    func environment(emit: @escaping EventSink = { _ in }) async throws -> EnvironmentReconciler {
        let stored = try await store.environment("staging")
        let commands = ProcessRunner()
        return EnvironmentReconciler(
            stored ?? EnvironmentRecord(name: "staging", folder: ""), isStored: stored != nil,
            parts: EngineParts(
                store: store, journal: journal, source: NoSource(), sourceName: nil, drivers: runner.drivers,
                loader: Loader(drivers: runner.drivers), materials: runner.materials,
                observer: Observer(drivers: runner.drivers, materials: runner.materials, router: runner.router),
                executor: executor(), checker: checker,
                notifier: Notifier(
                    runner: commands, materials: runner.materials, settings: EngineSettings(state: "/"),
                    baseEnvironment: [:], emit: { _ in }), emit: emit))
    }

    /// A pass that a person asks for.
    func call() async throws -> PassCall {
        let source = NoSource()
        return PassCall(
            snapshot: try await Snapshot(source.newest, source: source, known: []), trigger: .manual,
            trustsRecord: false, allowDelete: false, isWaitingFor: { _ in nil }, orderProblems: { _ in [] },
            hostProblems: { _, _ in [] }, next: nil)
    }

    static func with(drivers: [any Driver] = [], _ body: (Bench) async throws -> Void) async throws {
        try await TemporaryFolder.with { root in
            let store = try Store.open(path: root + "/reconcile.sqlite", readOnly: false)
            defer { store.close() }
            guard let journal = store.journal else { throw TestSupportError("the record cannot be written") }
            let commands = ProcessRunner()
            let checker = Checker(runner: commands, slots: Slots(4), baseEnvironment: ["PATH": "/usr/bin:/bin"])
            let runner = StepRunner(
                drivers: DriverRegistry(drivers), materials: Materials(state: root, source: NoSource()),
                checker: checker, router: Router(Balancers(runner: commands)))
            try await body(Bench(store: store, journal: journal, checker: checker, runner: runner))
            await checker.close()
        }
    }

    func executor(emit: @escaping EventSink = { _ in }) -> Executor {
        Executor(store: store, journal: journal, runner: runner, acts: Slots(4), emit: emit)
    }

    /// What a step gets that needs nothing but a decision.
    func context(decision: @escaping @Sendable () async -> Decision? = { nil }) -> StepRunner.Context {
        StepRunner.Context(
            environment: "staging", commit: "c", deployables: [:], folderFiles: [], folder: "",
            began: WallClock.now(), since: nil, decision: decision, measured: .none, note: { _ in }, tell: { _ in },
            stop: StopFlag())
    }

    /// Records a rollout of these steps as begun.
    func begin(_ steps: [Step]) async throws -> (rollout: Rollout, job: RolloutJob) {
        let desired = Desired(
            input: Input(tree: "t", paths: [:]), commit: "c", environment: Environment(name: "staging", folder: ""),
            deployables: [:], folderFiles: [])
        let plan = Plan(environment: "staging", input: desired.input.id, commit: "c", steps: steps)
        let rollout = Rollout(plan, purpose: .deploy)
        let id = journal.nextReconcileID()
        try await journal.commit([
            .input(environment: "staging", desired),
            .environment(
                EnvironmentRecord(name: "staging", folder: "", input: desired.input, openReconcile: id)),
            .begin(
                ReconcileRecord(
                    id: id, environment: "staging", commit: "c", trigger: .manual, outcome: nil,
                    startedAt: WallClock.now(), input: desired.input.id),
                changes: [], steps: steps, rollout: RolloutText.write(rollout.stored)),
        ])
        let job = RolloutJob(
            reconcile: id, environment: "staging", began: WallClock.now(), desired: desired, good: nil,
            asksHealth: { _ in false })
        return (rollout, job)
    }
}
