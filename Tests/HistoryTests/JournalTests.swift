import Glibc
import Model
import Testing

@testable import History

@Suite struct JournalTests {
    @Test func callersShareTransactions() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        let journal = try store.log
        try await store.begin(reconcile(1), steps: 400)
        let before = journal.transactions
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in 1...400 {
                group.addTask {
                    try await journal.commit([.step(reconcile: 1, id: id, state: .running, at: noon, detail: nil)])
                    try await journal.commit([.step(reconcile: 1, id: id, state: .done, at: later(1), detail: nil)])
                }
            }
            try await group.waitForAll()
        }
        #expect(journal.transactions - before < 400)
        #expect(try await store.steps(1).allSatisfy { $0.state == .done && $0.startedAt == noon })
    }

    @Test func oneCallIsOneTransaction() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        let journal = try store.log
        try await store.begin(reconcile(1), steps: 3)
        let before = journal.transactions
        try await journal.commit([])
        #expect(journal.transactions == before)
        let error = await #expect(throws: StoreError.self) {
            try await journal.commit([
                .step(reconcile: 1, id: 1, state: .done, at: noon, detail: nil),
                .step(reconcile: 1, id: 9, state: .done, at: noon, detail: nil),
                .step(reconcile: 1, id: 2, state: .done, at: noon, detail: nil),
            ])
        }
        #expect(error?.code == .rejected)
        #expect(error?.message == "step 9 of reconcile 1 is not in the record")
        #expect(try await store.steps(1).allSatisfy { $0.state == .planned })
        #expect(journal.transactions == before)
    }

    @Test func whatIsStagedIsRecordedWithWhatComesNext() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        let journal = try store.log
        let before = journal.transactions
        let first = try journal.stage([.begin(reconcile(1), changes: [], steps: [step(1)], rollout: "")])
        #expect(try await store.reconcile(1) == nil)
        try await journal.commit([.step(reconcile: 1, id: 1, state: .running, at: noon, detail: nil)])
        #expect(journal.transactions == before + 1)
        #expect(try await store.steps(1).map(\.state) == [.running])
        let second = try journal.stage([.step(reconcile: 1, id: 1, state: .done, at: later(1), detail: nil)])
        try await journal.flush()
        #expect(try await store.steps(1).map(\.state) == [.done])
        // A write that is at fault takes nothing else with it.
        let third = try journal.stage([.begin(reconcile(2), changes: [], steps: [step(1)], rollout: "")])
        await #expect(throws: StoreError.self) {
            try await journal.commit([.step(reconcile: 2, id: 9, state: .running, at: noon, detail: nil)])
        }
        #expect(try await store.steps(2).map(\.state) == [.planned])
        #expect([first, second, third].allSatisfy { $0.failure == nil })
    }

    @Test func whatDoesNotFitIsRefused() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        let journal = try store.log
        try await store.begin(reconcile(1), steps: 1)
        let command = CommandRecord(purpose: "apply", status: "exit 0", duration: .zero, output: "")
        let refused: [JournalWrite] = [
            .begin(reconcile(1), changes: [], steps: [], rollout: ""), .addSteps(reconcile: 1, [step(1)]),
            .addSteps(reconcile: 2, [step(1)]), .rollout(reconcile: 2, "{}"),
            .output(reconcile: 2, step: 1, command, at: noon),
            .end(reconcile: 2, outcome: .applied, reason: "", at: noon),
            .good(environment: "staging", input: Digest(ofText: "?"), digests: [], at: noon),
            .finishRequest(id: 5, succeeded: true, result: "", at: noon),
        ]
        for write in refused {
            let error = await #expect(throws: StoreError.self) { try await journal.commit([write]) }
            #expect(error?.code == .rejected)
        }
        #expect(try await store.steps(1).count == 1)
    }

    @Test func aPoisonedWriteFailsAlone() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        let journal = try store.log
        try await store.begin(reconcile(1), steps: 60)
        let failed = await withTaskGroup(of: Bool.self) { group in
            for id in 1...60 {
                group.addTask {
                    let poison: [JournalWrite] = id % 10 == 0 ? [.addSteps(reconcile: 77, [step(1)])] : []
                    do {
                        try await journal.commit(
                            [.step(reconcile: 1, id: id, state: .done, at: noon, detail: nil)] + poison)
                        return false
                    } catch {
                        return true
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(failed == 6)
        let planned = try await store.steps(1).filter { $0.state == .planned }.map(\.id)
        #expect(planned == [10, 20, 30, 40, 50, 60])
    }

    @Test func cancellingDoesNotCutACommitShort() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await store.begin(reconcile(1))
            return try await store.history().count
        }
        #expect(try await task.value == 1)
    }

    @Test func aClosedRecordThrows() async throws {
        let folder = try Folder()
        let store = try folder.open()
        try await store.begin(reconcile(1))
        store.close()
        await #expect(throws: StoreError.self) { try await store.begin(reconcile(2)) }
        await #expect(throws: StoreError.self) { try await store.history() }
    }

    @Test func aRecordMayBeDroppedAtAnyTime() async throws {
        let folder = try Folder()
        for id in 1...150 {
            let store = try folder.open()
            try await store.begin(reconcile(id))
            #expect(try await store.history(limit: 1).map(\.id) == [id])
        }
        #expect(access(folder.record + "-wal", F_OK) == 0)
    }

    #if DEBUG
        @Test(arguments: ["before", "after"]) func aKillAtACommitLosesNothing(_ place: String) async throws {
            let folder = try Folder()
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = folder.record as String, place = place as String] in
                setenv("RECONCILE_CRASH_AT", "\(place):3", 1)
                let store = try Store.open(path: path, readOnly: false)
                for id in 1...5 {
                    try await store.journal?.commit([
                        .begin(reconcile(id), changes: [], steps: [step(1), step(2)], rollout: "")
                    ])
                }
            }
            let store = try folder.open()
            defer { store.close() }
            #expect(try await store.history().map(\.id) == (place == "before" ? [2, 1] : [3, 2, 1]))
            for record in try await store.history() { #expect(try await store.steps(record.id).count == 2) }
            #expect(try await store.integrityCheck() == [])
        }
    #endif
}
