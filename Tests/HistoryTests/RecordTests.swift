import History
import Model
import Testing

@Suite struct RecordTests {
    @Test func theFilesThatAreNeededAreThoseOfInstancesAndInputs() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        var gone = instance(1, "1")
        gone.deployable.files = [SourceFile(path: "old", kind: .file, id: "01", size: 1)]
        var wanted = desired("new")
        wanted.folderFiles = [SourceFile(path: "tell.sh", kind: .executable, id: "02", size: 2)]
        try await store.log.commit([
            .instance(environment: "staging", gone), .input(environment: "staging", wanted),
        ])
        let lists = Set(try await store.fileLists())
        #expect(lists == [gone.deployable.files, wanted.folderFiles, deployable("v").files])
    }

    @Test func theFirstWordOfAPersonCounts() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        try await store.begin(reconcile(1), steps: 2)
        #expect(try await store.decision(1, step: 1) == nil)
        let yes = Decision(isApproved: true, person: "Ada", plan: Digest(ofText: "p"), at: noon)
        let no = Decision(isApproved: false, person: "Bob", plan: Digest(ofText: "p"), at: noon)
        try await store.log.commit([.decision(environment: "staging", reconcile: 1, step: 1, yes)])
        try await store.log.commit([.decision(environment: "staging", reconcile: 1, step: 1, no)])
        try await store.log.commit([.decision(environment: "staging", reconcile: 1, step: 2, no)])
        #expect(try await store.decisions(1) == [1: yes, 2: no])
    }

    @Test func trafficIsThatOfTheInstancesThatThereAre() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        func row(_ number: Int, _ wanted: Double?, _ seen: Double? = nil) -> TrafficRecord {
            TrafficRecord(workload: "web", instance: "web-\(number)", wanted: wanted, seen: seen, told: 7, at: noon)
        }
        func shift(_ rows: [TrafficRecord], isWhole: Bool) -> JournalWrite {
            .traffic(environment: "staging", workload: "web", rows, isWhole: isWhole)
        }
        try await store.log.commit([shift([row(1, 90, 90), row(2, 10)], isWhole: true)])
        try await store.log.commit([shift([row(2, nil, 10.5), row(3, nil)], isWhole: false)])
        #expect(try await store.traffic("staging") == [row(1, 90, 90), row(2, nil, 10.5), row(3, nil)])
        try await store.log.commit([shift([row(3, 100)], isWhole: true)])
        #expect(try await store.traffic("staging") == [row(3, 100)])
        try await store.log.commit([.instance(environment: "staging", instance(3, "v"))])
        try await store.log.commit([
            .removeInstance(environment: "staging", instance: "web-3", driver: "shell")
        ])
        #expect(try await store.traffic("staging").isEmpty)
    }

    @Test func aReconcileComesBackWhole() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        let journal = try store.log
        var record = reconcile(journal.nextReconcileID())
        record.problems = [Problem(file: "staging/web.yaml", line: 3, column: 4, message: "no")]
        record.gates = [Gate(name: "max_delete", state: .waiting, reason: "too many", until: noon)]
        record.notes = ["order is not acted on"]
        let changes = [
            Change(
                workload: "web", action: .update, cause: .commit,
                fields: [.init(path: "replicas", from: "1", to: "2"), .init(path: "shell.env.V", from: nil, to: "2")]),
            Change(workload: "old", action: .delete, cause: .commit, fields: []),
            Change(workload: "new", action: .create, cause: .drift, fields: [.init(path: "new-1", from: "x", to: nil)]),
        ]
        try await journal.commit([.begin(record, changes: changes, steps: [step(1), step(2)], rollout: #"{"a":1}"#)])
        #expect(try await store.reconcile(record.id) == record)
        #expect(try await store.changes(record.id) == changes)
        #expect(
            try await store.steps(record.id) == [step(1), step(2)].map { StepRecord(reconcile: record.id, step: $0) })
        #expect(try await store.rollout(record.id) == #"{"a":1}"#)
        #expect(try await store.supersededRollout(of: record.environment) == nil)

        let command = CommandRecord(purpose: "apply", status: "exit 3", duration: .seconds(2), output: "oh\nno")
        try await journal.commit([
            .rollout(reconcile: record.id, "[2]"), .addSteps(reconcile: record.id, [step(3)]),
            .step(reconcile: record.id, id: 1, state: .running, at: later(1), detail: nil),
            .step(reconcile: record.id, id: 2, state: .running, at: later(1), detail: nil),
            .output(reconcile: record.id, step: 1, command, at: later(2)),
        ])
        #expect(try await store.rollout(record.id) == "[2]")
        try await journal.commit([
            .step(reconcile: record.id, id: 1, state: .running, at: later(3), detail: "second try"),
            .step(reconcile: record.id, id: 1, state: .failed, at: later(4), detail: nil),
            .step(reconcile: record.id, id: 2, state: .planned, at: later(4), detail: nil),
            .step(reconcile: record.id, id: 3, state: .skipped, at: later(4), detail: "not needed"),
            .end(reconcile: record.id, outcome: .failed, reason: "web-1 failed", at: later(5)),
        ])
        record.outcome = .failed
        record.reason = "web-1 failed"
        record.finishedAt = later(5)
        #expect(try await store.reconcile(record.id) == record)
        #expect(
            try await store.steps(record.id) == [
                StepRecord(
                    reconcile: record.id, step: step(1), state: .failed, startedAt: later(1), finishedAt: later(4),
                    detail: "second try"),
                StepRecord(reconcile: record.id, step: step(2)),
                StepRecord(
                    reconcile: record.id, step: step(3), state: .skipped, finishedAt: later(4), detail: "not needed"),
            ])
        #expect(
            try await store.outputs(record.id) == [
                OutputRecord(reconcile: record.id, step: 1, command: command, at: later(2))
            ])
        #expect(try await store.rollout(record.id) == nil)
        #expect(try await store.reconcile(99) == nil)
        #expect(try await store.integrityCheck() == [])
    }

    @Test func historyIsNewestFirstAndPaged() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        for id in 1...6 { try await store.begin(reconcile(id, id % 2 == 0 ? "staging" : "production")) }
        #expect(try await store.history().map(\.id) == [6, 5, 4, 3, 2, 1])
        #expect(try await store.history(limit: 2, before: 5).map(\.id) == [4, 3])
        #expect(try await store.history(environment: "staging", limit: 2).map(\.id) == [6, 4])
        #expect(try await store.history(environment: "staging", before: 4).map(\.id) == [2])
        try await store.log.commit([.end(reconcile: 1, outcome: .rolledBack, reason: "", at: noon)])
        let counters = try await store.counters()
        #expect(counters.outcomes == [.rolledBack: 1])
        #expect(counters.open == 5)
        #expect(counters.bytes > 0)
    }

    @Test func idsGoOnInAnotherProcess() async throws {
        let folder = try Folder()
        let first = try folder.open()
        #expect(try first.log.nextReconcileID() == 1)
        #expect(try first.log.nextReconcileID() == 2)
        try await first.begin(reconcile(2))
        first.close()
        let second = try folder.open()
        defer { second.close() }
        #expect(try second.log.nextReconcileID() == 3)
        #expect(second.stateID == first.stateID)
        #expect(second.stateID.utf8.count == 32)
        #expect(second.stateID.allSatisfy { "0123456789abcdef".contains($0) })
    }

    @Test func environmentsAndTheirInventory() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        let journal = try store.log
        var record = EnvironmentRecord(name: "staging", folder: "envs/staging")
        try await journal.commit([.environment(record), .environment(EnvironmentRecord(name: "a", folder: "a"))])
        record.input = Input(tree: "t", paths: ["x": "1"])
        record.outcome = .rolledBack
        record.hold = Hold(input: Digest(ofText: "i"), kind: .failed, reason: "it failed", since: noon, target: nil)
        record.pause = Pause(reason: "by hand", since: noon)
        record.openReconcile = 4
        record.passes = 7
        record.nextPassAt = later(30)
        try await journal.commit([.environment(record)])
        #expect(try await store.environments().map(\.name) == ["a", "staging"])
        #expect(try await store.environment("staging") == record)
        #expect(try await store.environment("none") == nil)

        var moved = instance(1, "2")
        moved.deployable.driver = "ssh"
        try await journal.commit([
            .instance(environment: "staging", instance(2, "1")), .instance(environment: "staging", instance(1, "1")),
            .instance(environment: "staging", instance(1, "2", digest: Digest(ofText: "2"))),
            .instance(environment: "staging", moved),
        ])
        #expect(
            try await store.instances("staging") == [
                instance(1, "2", digest: Digest(ofText: "2")), moved, instance(2, "1"),
            ])
        #expect(try await store.deployable(deployable("1").id) == deployable("1"))
        try await journal.commit([
            .removeInstance(environment: "staging", instance: "web-1", driver: "shell"),
            .removeInstance(environment: "staging", instance: "never", driver: "shell"),
        ])
        #expect(try await store.instances("staging") == [moved, instance(2, "1")])
        #expect(try await store.integrityCheck() == [])
        try await store.begin(reconcile(1))
        try await journal.commit([.forgetEnvironment("staging")])
        #expect(try await store.environment("staging") == nil)
        #expect(try await store.instances("staging") == [])
        #expect(try await store.history().count == 1)
    }

    @Test func goodAndFailedInputs() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        let journal = try store.log
        let (one, two) = (desired("one"), desired("two"))
        let (a, b) = (Digest(ofText: "a"), Digest(ofText: "b"))
        try await journal.commit([
            .input(environment: "staging", one), .input(environment: "staging", one),
            .input(environment: "staging", two),
            .good(environment: "staging", input: one.input.id, digests: [a, b], at: later(1)),
            .good(environment: "staging", input: two.input.id, digests: [b], at: later(2)),
        ])
        #expect(try await store.goodInputs("staging").map(\.desired) == [two, one])
        #expect(try await store.goodInputs("staging", limit: 1).map(\.commit) == ["c-two"])
        #expect(try await store.goodInputs("production") == [])
        #expect(try await store.knownDigests("staging") == [a, b])
        try await journal.commit([.failed(environment: "staging", input: two.input.id, digests: [b], at: later(3))])
        #expect(try await store.goodInputs("staging").map(\.input) == [one.input.id])
        #expect(try await store.knownDigests("staging") == [a])
        let failed = try #require(await store.input("staging", two.input.id))
        #expect(!failed.isGood)
        #expect(failed.failedAt == later(3))
        try await journal.commit([.good(environment: "staging", input: two.input.id, digests: [], at: later(4))])
        #expect(try #require(await store.input("staging", two.input.id)).isGood)
        #expect(try await store.goodInputs("staging").map(\.input) == [two.input.id, one.input.id])
        #expect(try await store.input("staging", Digest(ofText: "none")) == nil)
    }

    /// What a try resolved a moving name to binds no later try; what an input was brought to stays with it.
    @Test func onlyAnInputThatPassedKeepsItsPins() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        func pinned(_ pin: String) -> Desired {
            var desired = desired("one")
            desired.deployables["web"]?.pin = .string(pin)
            return desired
        }
        func pin() async throws -> Value? {
            try await store.input("staging", pinned("").input.id)?.desired.deployables["web"]?.pin
        }
        let id = pinned("").input.id
        try await store.log.commit([.input(environment: "staging", pinned("a"))])
        #expect(try await pin() == nil)
        try await store.log.commit([
            .input(environment: "staging", pinned("b")), .reached(environment: "staging", pinned("b")),
            .good(environment: "staging", input: id, digests: [], at: later(1)),
        ])
        #expect(try await pin() == .string("b"))
        try await store.log.commit([.input(environment: "staging", pinned("c"))])
        #expect(try await pin() == .string("b"), "a further try changes nothing")
        await #expect(throws: StoreError.self) {
            try await store.log.commit([.reached(environment: "production", pinned("b"))])
        }
    }

    @Test func requestsFromAnotherProcess() async throws {
        let folder = try Folder()
        let store = try folder.open()
        let other = try folder.open()
        defer {
            other.close()
            store.close()
        }
        let id = try await other.addRequest(.rollback, environment: "staging", argument: "abc", at: noon)
        let waiting = Request(id: id, kind: .rollback, environment: "staging", argument: "abc", createdAt: noon)
        #expect(try await store.pendingRequests() == [waiting])
        try await store.log.commit([.finishRequest(id: id, succeeded: false, result: "no such", at: later(1))])
        #expect(try await store.pendingRequests() == [])
        var done = waiting
        done.doneAt = later(1)
        done.succeeded = false
        done.result = "no such"
        #expect(try await other.request(id) == done)
    }

    @Test func hostileTextComesBackAsItWas() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        let texts = [
            "'; DROP TABLE reconciles; --", "\u{1B}[31mred\u{07}", "--help", "$(touch x)", "../..", "a\nb\r\n\tc", "",
            "\u{202E}live\u{FEFF}", "🦊 日本語 e\u{301}", String(repeating: "x", count: 1 << 20),
            "?1 :a @b %s \\ \"q\"",
        ]
        for (index, text) in texts.enumerated() {
            let id = index + 1
            var record = reconcile(id, text)
            record.commit = text
            record.author = text
            record.subject = text
            record.reason = text
            record.problems = [Problem(file: text, message: text)]
            record.notes = [text]
            let change = Change(
                workload: text, action: .create, cause: .drift, fields: [.init(path: text, from: text, to: text)])
            var work = step(1)
            work.workload = text
            work.instance = text
            work.text = text
            let command = CommandRecord(purpose: text, status: text, duration: .zero, output: text)
            try await store.log.commit([
                .begin(record, changes: [change], steps: [work], rollout: text),
                .step(reconcile: id, id: 1, state: .done, at: noon, detail: text),
                .output(reconcile: id, step: 1, command, at: noon),
                .environment(EnvironmentRecord(name: text, folder: text, reason: text)),
            ])
            #expect(try await store.reconcile(id) == record)
            #expect(try await store.history(environment: text, limit: 1) == [record])
            #expect(try await store.changes(id) == [change])
            let steps = try await store.steps(id)
            #expect(steps.map(\.step) == [work])
            #expect(steps.map(\.detail) == [text])
            #expect(try await store.outputs(id).map(\.command) == [command])
            #expect(try await store.rollout(id) == text)
            #expect(try await store.environment(text)?.reason == text)
        }
        var record = reconcile(100)
        record.author = "before\0after"
        try await store.begin(record)
        #expect(try await store.reconcile(100)?.author == "before␀after")
        #expect(try await store.integrityCheck() == [])
    }

    /// Until another rollout ends, or everything is found as it should be.
    @Test func whatASupersededRolloutLeftIsKnown() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        let journal = try store.log
        func run(_ rollout: String, _ outcome: Outcome) async throws -> Int {
            let id = journal.nextReconcileID()
            try await journal.commit([
                .begin(reconcile(id), changes: [], steps: [], rollout: rollout),
                .end(reconcile: id, outcome: outcome, reason: "", at: noon),
            ])
            return id
        }
        let name = reconcile(1).environment
        let first = try await run("[1]", .superseded)
        _ = try await run("", .error)
        #expect(
            try await store.supersededRollout(of: name)?.reconcile == first, "what is recorded between changes nothing")
        let second = try await run("[2]", .superseded)
        #expect(try await store.supersededRollout(of: name)?.reconcile == second)
        #expect(try await store.rollout(first) == nil)
        _ = try await run("[3]", .applied)
        #expect(try await store.supersededRollout(of: name) == nil)
        _ = try await run("[4]", .superseded)
        try await journal.commit([.settled(environment: name)])
        #expect(try await store.supersededRollout(of: name) == nil)
    }
}
