import GRDB
import Model
import Synchronization

/// The one way to record what a reconcile does. Callers that come while a transaction is being synced share the next.
package final class Journal: Sendable {
    private struct Caller: Sendable {
        var statements: [JournalStatement]
        /// Nil where nobody waits for it.
        var done: CheckedContinuation<Result<Void, StoreError>, Never>?
        /// Nil where somebody waits for it.
        var staged: Staged?
    }

    /// What is recorded with whatever is committed next.
    package final class Staged: Sendable {
        fileprivate let lost = Mutex<StoreError?>(nil)

        /// Why it is not in the record and never will be; nil where it is, or waits.
        package var failure: StoreError? { lost.withLock(\.self) }
    }

    private struct State {
        var waiting: [Caller] = []
        var isCommitting = false
        var committed = 0
        var nextID: Int
    }

    private let writer: DatabaseQueue
    private let state: Mutex<State>
    private let deployables = StoredDeployables()

    init(writer: DatabaseQueue, nextID: Int) {
        self.writer = writer
        state = Mutex(State(nextID: nextID))
    }

    /// An id that no reconcile of this record had before. Only the holder of the state lock may use it.
    package func nextReconcileID() -> Int {
        state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
    }

    /// How many transactions were committed since the record was opened.
    package var transactions: Int { state.withLock(\.committed) }

    /// Records all of it or nothing, in order; returns once it would survive a power cut. Cancelling the task does not
    /// cut it short. Throws `StoreError`; later commits work again when the disk does.
    package func commit(_ writes: [JournalWrite]) async throws(StoreError) {
        let statements = try statements(writes)
        if !statements.isEmpty { try await record(statements) }
    }

    /// Records what was staged, if anything still waits to be recorded. Throws `StoreError`; nothing waits any more then.
    package func flush() async throws(StoreError) { try await record([]) }

    private func record(_ statements: [JournalStatement]) async throws(StoreError) {
        let result = await withCheckedContinuation { done in
            let mustStart = state.withLock { state in
                state.waiting.append(Caller(statements: statements, done: done))
                defer { state.isCommitting = true }
                return !state.isCommitting
            }
            if mustStart { Task { await self.gather() } }
        }
        try result.get()
    }

    /// Records all of it just before what is committed next, in the same transaction: one sync for two things of which the
    /// first is nothing without the second. What comes next may be another's, and fail. Throws `StoreError`.
    @discardableResult
    package func stage(_ writes: [JournalWrite]) throws(StoreError) -> Staged {
        let statements = try statements(writes)
        let staged = Staged()
        state.withLock { $0.waiting.append(Caller(statements: statements, staged: staged)) }
        return staged
    }

    private func statements(_ writes: [JournalWrite]) throws(StoreError) -> [JournalStatement] {
        var statements: [JournalStatement] = []
        for write in writes { statements += try write.statements(deployables) }
        return statements
    }

    /// Lets everybody who can run now come along: a sync costs more than their turns.
    private func gather() async {
        await Task.yield()
        start()
    }

    /// The writer's queue has a thread of its own: nothing of this blocks the cooperative pool.
    private func start() { writer.asyncWriteWithoutTransaction { self.commitGroup(in: $0) } }

    private func commitGroup(in db: Database) {
        let group = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        let results = settle(group, in: db)
        let goesOn = state.withLock { state in
            state.isCommitting = !state.waiting.isEmpty
            return state.isCommitting
        }
        for (caller, result) in zip(group, results) {
            if case .failure(let failure) = result { caller.staged?.lost.withLock { $0 = failure } }
            caller.done?.resume(returning: result)
        }
        if goesOn { start() }
    }

    /// One transaction for all; where one caller's write is at fault, one for each.
    private func settle(_ group: [Caller], in db: Database) -> [Result<Void, StoreError>] {
        do {
            try transaction(db) {
                for caller in group { for statement in caller.statements { try statement.run(in: db) } }
            }
            return group.map { _ in .success(()) }
        } catch {
            let failure = StoreError(error, path: writer.path)
            if group.count > 1 && failure.isFaultOfTheWrite { return group.flatMap { settle([$0], in: db) } }
            return group.map { _ in .failure(failure) }
        }
    }

    private func transaction(_ db: Database, _ body: () throws -> Void) throws {
        try db.inTransaction(.immediate) {
            try body()
            #if DEBUG
                CrashPoint.reach("before", transaction: transactions + 1)
            #endif
            return .commit
        }
        state.withLock { $0.committed += 1 }
        #if DEBUG
            CrashPoint.reach("after", transaction: transactions)
        #endif
    }
}
