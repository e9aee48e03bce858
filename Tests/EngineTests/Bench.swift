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
        private var failure: SourceError { SourceError(.revisionMissing, "nothing is there", advice: "") }

        func fetch() async throws(SourceError) -> Revision { throw failure }
        func head() async throws(SourceError) -> Revision? { nil }
        func revision(_ name: String) async throws(SourceError) -> Revision { throw failure }
        func tree(at commit: String) async throws(SourceError) -> any SourceTree { throw failure }
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
            .begin(
                ReconcileRecord(
                    id: id, environment: "staging", commit: "c", trigger: .manual, outcome: nil,
                    startedAt: WallClock.now()),
                changes: [], steps: steps, rollout: RolloutText.write(rollout.stored))
        ])
        let job = RolloutJob(
            reconcile: id, environment: "staging", began: WallClock.now(), desired: desired, good: nil,
            asksHealth: { _ in false })
        return (rollout, job)
    }
}
