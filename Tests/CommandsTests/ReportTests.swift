import FoundationEssentials
import Model
import Testing

@testable import Commands

@Suite struct ReportTests {
    private let text = ReportText(style: .plain)

    @Test func everythingAsGitSaysIsOneShortLine() {
        let pass = Samples.pass([Samples.report(.inSync), Samples.report(.inSync, name: "production")])
        #expect(text.text(pass) == "in-sync: everything is as git says at 3fa93fa93f (2 environments)\n")
        #expect(ReportText(style: .plain, isQuiet: true).text(pass) == "")
    }

    @Test func changesHaveTheirSymbolsFieldsAndSteps() {
        #expect(
            text.text(Samples.full) == """
                staging waiting (reconcile 17): needs a person
                  + web create
                      replicas: 2
                  ~ web update
                      shell.env.VERSION: 1 -> 2
                  -/+ web replace
                      driver: ssh -> shell
                  - web delete (drift)
                  Steps
                    1. wait for web-1
                  Gates
                    approval waiting: needs 1 approval
                  Notes
                    - a note
                staging/web.yaml:4:11: error: unknown key
                """)
    }

    @Test func stepsThatWereDoneAreInTheRecordAndShownOnRequest() {
        var done = Samples.report(.rolledBack)
        done.reconcile = 17
        done.steps = [Samples.step]
        #expect(
            text.text(Samples.pass([done])) == """
                staging rolled-back (reconcile 17): because
                  `reconcile show 17` has every step and what its commands said

                """)
        #expect(ReportText(style: .plain, isVerbose: true).text(done).contains("    1. wait for web-1\n"))
        done.reconcile = nil
        #expect(text.text(done).contains("    1. wait for web-1"), "a dry run always shows them")
    }

    @Test func whatStandsInTheWayIsSaidOnce() {
        var waiting = Samples.report(.waiting, reason: "waiting for staging")
        waiting.reconcile = 6
        waiting.gates = [Gate(name: "after", state: .waiting, reason: "waiting for staging")]
        #expect(text.text(waiting) == "staging waiting for staging (reconcile 6)")
        waiting.reason = "too early"
        #expect(
            text.text(waiting) == "staging waiting (reconcile 6): too early\n  Gates\n    after: waiting for staging")
    }

    @Test func quietKeepsOneLineForWhatIsNotInSync() {
        let pass = Samples.pass([Samples.report(.inSync), Samples.report(.held, name: "production")])
        #expect(ReportText(style: .plain, isQuiet: true).text(pass) == "production held: because\n")
    }

    @Test func noHostileTextReachesATerminalRaw() {
        let pass = Samples.pass([Samples.hostileReport])
        #expect(Samples.isClean(text.text(pass)))
        #expect(!text.text(pass).contains("\n--help"))
        let json = JSONText.of(ReportJSON.value(pass))
        #expect(Samples.isClean(json))
        #expect(json.contains("\\u202e--help"))
        #expect(Samples.isClean(ReportMarkdown.text(pass)))
    }

    @Test func coloursOnlyWhereTheyAreAskedFor() {
        #expect(!text.text(Samples.full).contains("\u{1B}"))
        #expect(ReportText(style: Style(isOn: true)).text(Samples.full).contains("\u{1B}[33m"))
    }

    @Test func jsonIsExactlyTheContract() {
        let json = JSONText.of(ReportJSON.value(Samples.pass([Samples.full])))
        #expect(
            json == """
                {"commit":"3fa93fa93fa93fa93fa93fa93fa93fa93fa93fa9","environments":[{"changes":[\
                {"action":"create","because":null,"cause":"commit","fields":[{"from":null,"path":"replicas","to":"2"}],"workload":"web"},\
                {"action":"update","because":null,"cause":"commit","fields":[{"from":"1","path":"shell.env.VERSION","to":"2"}],"workload":"web"},\
                {"action":"replace","because":null,"cause":"commit","fields":[{"from":"ssh","path":"driver","to":"shell"}],"workload":"web"},\
                {"action":"delete","because":null,"cause":"drift","fields":[],"workload":"web"}],\
                "files":[],"gates":[{"name":"approval","reason":"needs 1 approval","state":"waiting","until":null}],\
                "name":"staging","notes":["a note"],"outcome":"waiting",\
                "problems":[{"column":11,"file":"staging/web.yaml","line":4,"message":"unknown key"}],\
                "reason":"needs a person","reconcile":17,\
                "steps":[{"id":1,"instance":"web-1","kind":"wait-healthy","text":"wait for web-1","workload":"web"}]}],\
                "source":{"error":null},\
                "sources":[{"commit":"3fa93fa93fa93fa93fa93fa93fa93fa93fa93fa9","error":null,"name":null,"transport":null}]}

                """)
    }

    @Test func jsonHasEveryListAndSaysNullWhereThereIsNothing() {
        let nothing = PassReport(sources: [SourceReport(commit: nil, error: "gone")], environments: [])
        #expect(
            JSONText.of(ReportJSON.value(nothing)) == #"{"commit":null,"environments":[],"source":{"error":"gone"},"#
                + #""sources":[{"commit":null,"error":"gone","name":null,"transport":null}]}"# + "\n")
        let bare = ReportJSON.value(Samples.report(.inSync))
        for key in ["changes", "steps", "gates", "problems", "notes", "files"] { #expect(bare.map[key] == .list([])) }
        #expect(bare["reconcile"] == .null)
    }

    @Test func hostileJSONSaysTheSameAfterwards() throws {
        struct Said: Decodable { var reason: String }
        let value = Value.map(["reason": .string(hostile + "\u{9B}\u{E0041}\u{0}\u{7F}")])
        let said = try JSONDecoder().decode(Said.self, from: Data(JSONText.of(value).utf8))
        #expect(said.reason == hostile + "\u{9B}\u{E0041}\u{0}\u{7F}")
    }

    @Test(arguments: [
        (Outcome.inSync, false, true, Int32(0)), (.planned, true, false, 0), (.planned, true, true, 2),
        (.error, true, true, 1),
        (.waiting, false, true, 0), (.waiting, true, true, 2), (.held, false, true, 0),
    ])
    func dryRunStatuses(outcome: Outcome, hasChanges: Bool, isDetailed: Bool, status: Int32) {
        var report = Samples.report(outcome)
        if hasChanges { report.changes = [Samples.change()] }
        #expect(OnceCommand.dryRunStatus(Samples.pass([report]), isDetailed: isDetailed) == status)
    }

    @Test func aDryRunThatCouldNotFetchIsAnError() {
        let report = PassReport(sources: [SourceReport(commit: nil, error: "gone")], environments: [])
        #expect(OnceCommand.dryRunStatus(report, isDetailed: true) == 1)
    }
}
