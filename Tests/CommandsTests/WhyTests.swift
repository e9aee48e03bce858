import History
import Model
import Testing

@testable import Commands

@Suite struct WhyTests {
    private let now = Timestamp(milliseconds: 1_772_357_400_000)

    private func answer(_ outcome: Outcome?, _ change: (inout EnvironmentRecord) -> Void = { _ in }) -> WhyAnswer {
        var record = EnvironmentRecord(name: "staging", folder: "staging")
        record.outcome = outcome
        record.reason = outcome.map { "it is \($0.rawValue)" } ?? ""
        record.lastPassAt = now
        change(&record)
        return WhyAnswer(record: record, last: nil, holder: nil)
    }

    @Test(arguments: Outcome.allCases)
    func everyOutcomeHasAReasonAnEndAndANextLook(outcome: Outcome) {
        let answer = answer(outcome) { $0.gates = [Gate(name: "max_delete", state: .waiting, reason: "too many")] }
        #expect(answer.reason == "it is \(outcome.rawValue)")
        #expect(!answer.ends.isEmpty)
        #expect(!answer.next.isEmpty)
        #expect(answer.text(.plain, now: now).hasPrefix("staging is \(outcome.rawValue)\n"))
        #expect(answer.json["outcome"] == .string(outcome.rawValue))
    }

    /// A loop refuses every other pass on its folder.
    @Test func deletionsAreAllowedByAPassOnlyWhereNoLoopRuns() {
        var answer = answer(.waiting) { $0.gates = [Gate(name: "max_delete", state: .waiting, reason: "too many")] }
        #expect(answer.ends == ["`reconcile -e staging --allow-delete` lets one pass delete them, or raise max_delete"])
        answer.holder = LockHolder(pid: 42, command: "reconcile run")
        #expect(answer.ends.first?.hasPrefix("raise max_delete in its environment.yaml; or end process 42") == true)
    }

    @Test func aWaitWithoutAGateStillSaysWhatEndsIt() { #expect(!answer(.waiting).ends.isEmpty) }

    @Test func aPauseGoesBeforeAllElse() {
        let answer = answer(.applied) { $0.pause = Pause(reason: "lunch", since: now + .seconds(-60)) }
        #expect(answer.outcome == .paused)
        #expect(answer.text(.plain, now: now).contains("lunch"))
        #expect(answer.text(.plain, now: now).contains("1m0s ago"))
        #expect(answer.ends == ["`reconcile resume staging` goes on"])
    }

    @Test(arguments: [(Hold.Kind.failed, "a commit"), (.pinned, "newer commits do not"), (.drift, "repair")])
    func everyHoldSaysWhatEndsIt(kind: Hold.Kind, words: String) {
        let answer = answer(.held) { $0.hold = Hold(input: nil, kind: kind, reason: "held", since: now, target: nil) }
        #expect(answer.ends.count == 1)
        #expect(answer.ends[0].contains(words) && answer.ends[0].contains("`reconcile resume staging`"))
    }

    @Test func theFailingStepIsShownWithTheEndOfWhatItSaid() {
        let step = StepRecord(reconcile: 3, step: Samples.step, state: .failed, detail: "not healthy")
        let lines = (1...100).map { "line \($0)" }.joined(separator: "\n") + "\n" + hostile
        let full = FullRecord(
            record: ReconcileRecord(
                id: 3, environment: "staging", commit: nil, trigger: .poll, outcome: .failed, startedAt: now),
            changes: [], steps: [step],
            outputs: [
                OutputRecord(
                    reconcile: 3, step: 1,
                    command: CommandRecord(purpose: "health", status: "exit 3", duration: .zero, output: lines), at: now
                )
            ])
        var answer = answer(.failed)
        answer.last = full
        let text = answer.text(.plain, now: now)
        #expect(text.contains("1. wait for web-1: not healthy"))
        #expect(text.contains("health: exit 3"))
        #expect(text.contains("| line 100") && !text.contains("| line 50\n"))
        #expect(Samples.isClean(text) && Samples.isClean(JSONText.of(answer.json)))
    }

    @Test func anApprovalThatIsWaitedForNamesBothCommands() {
        let gate = Gate(name: "approval", state: .waiting, reason: "shall web go on?")
        var answer = answer(.waiting) {
            $0.openReconcile = 9
            $0.gates = [gate]
            $0.reason = gate.reason
        }
        let asking = Step(
            id: 4, kind: .approve, workload: "web", instance: nil, index: 0, act: .approve("shall web go on?"),
            after: [],
            progressDeadline: nil, text: "ask")
        let step = StepRecord(reconcile: 9, step: asking, state: .running)
        answer.rollout = RolloutView(done: 3, all: 5, running: [step], asking: [step], shares: [])
        #expect(!answer.isUnderWay && answer.reason == "shall web go on?")
        #expect(answer.ends.first?.contains("`reconcile approve staging`") == true)
        #expect(answer.ends.first?.contains("`reconcile reject staging`") == true)
        let others = StepRecord(reconcile: 9, step: Samples.step, state: .running)
        answer.rollout?.running.append(others)
        #expect(answer.isUnderWay, "another workload goes on meanwhile")
        #expect(answer.ends.first?.contains("`reconcile approve staging`") == true)
    }

    @Test func statusNamesTheLoopAndHowFarARolloutIs() {
        var record = EnvironmentRecord(name: "staging", folder: "staging")
        record.openReconcile = 9
        record.commit = "3fa93fa93fa93f"
        var status = StatusAnswer(
            holder: LockHolder(pid: 42, command: "reconcile run"),
            entries: [
                .init(
                    record: record,
                    rollout: RolloutView(
                        done: 2, all: 5, running: [StepRecord(reconcile: 9, step: Samples.step, state: .running)],
                        asking: [], shares: [.init(workload: "web", side: "new", wanted: 10, seen: 9.75)]))
            ],
            pendingRequests: 1)
        #expect(
            status.text(now: now) == """
                ENVIRONMENT  OUTCOME    COMMIT      LAST PASS  REASON
                staging      under way  3fa93fa93f  -          reconcile 9: step 3 of 5: \(Samples.step.text); web new 10 % (seen 9.75 %)
                1 request not answered yet
                process 42 is at work: reconcile run

                """)
        status.holder = nil
        #expect(status.text(now: now).contains("no loop is running"))
        #expect(status.json["environments"].list.count == 1)
    }
}
