import History
import Model
import Testing

@testable import Commands

@Suite struct RecordTextTests {
    private let began = Timestamp(milliseconds: 1_772_357_400_000)
    private var text: RecordText { RecordText(style: .plain, now: began + .seconds(65)) }

    private func record(_ outcome: Outcome?, words: String = "Greet") -> ReconcileRecord {
        ReconcileRecord(
            id: 17, environment: "production", commit: "3fa9", trigger: .push, outcome: outcome, reason: "1 update",
            author: "Ada <ada@example.org>", subject: words, startedAt: began,
            finishedAt: outcome == nil ? nil : began + TimeSpan(milliseconds: 4_200))
    }

    @Test func anEntryReadsLikeGitLog() {
        #expect(
            text.entry(record(.applied)) == """
                reconcile 17  production  applied  (push)
                Commit:  3fa9
                Author:  Ada <ada@example.org>
                Date:    2026-03-01T09:30:00Z, took 4.2s, ended 1m0s ago
                Reason:  1 update

                    Greet

                """)
        #expect(text.entry(record(nil)).contains("for 1m5s now"))
    }

    @Test func hostileSubjectsAndOutputsAreShownHarmless() {
        let step = StepRecord(
            reconcile: 17, step: Samples.step, state: .failed, startedAt: began, finishedAt: began + .seconds(1),
            detail: hostile)
        let output = OutputRecord(
            reconcile: 17, step: 1,
            command: CommandRecord(
                purpose: "health", status: "exit 3", duration: .seconds(1), output: hostile + "\nend\n"),
            at: began)
        let full = FullRecord(
            record: record(.failed, words: hostile), changes: [Samples.change()], steps: [step], outputs: [output])
        let shown = text.all(full)
        #expect(Samples.isClean(shown))
        #expect(shown.contains("Step 1, health: exit 3, 1.0s"))
        #expect(shown.contains("  | end"))
        #expect(shown.contains("1. failed  wait for web-1  (1.0s)"))
        #expect(Samples.isClean(RecordMarkdown.text(full)))
        #expect(Samples.isClean(JSONText.of(RecordJSON.value(full))))
        #expect(RecordMarkdown.table([full.record]).split(separator: "\n").count == 3)
    }

    @Test(arguments: [
        (Int64(0), "0ms"), (999, "999ms"), (4_250, "4.2s"), (192_000, "3m12s"), (7_500_000, "2h5m"),
        (273_600_000, "3d4h"),
    ])
    func lengths(milliseconds: Int64, shown: String) {
        #expect(Words.length(TimeSpan(milliseconds: milliseconds)) == shown)
    }
}
