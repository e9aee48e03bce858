import ArgumentParser
import Engine
import History
import Model

struct OnceCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "once", abstract: "One pass, then exit (the default command).",
        discussion: """
            Fetches, compares every environment with what runs, and closes the difference. Environments that are as \
            git says are left alone. With `--dry-run` nothing is touched or recorded and no lock is taken, so that \
            works beside a running loop.

            SIGINT and SIGTERM end it at the next step boundary, a second one at once; the next pass goes on from \
            there.
            """)
    static let examples = [
        Example("reconcile --dry-run", "what would be done"),
        Example("reconcile", "do it"),
        Example("reconcile --dry-run --detailed-exitcode -e staging", "a check for scripts: 2 where staging differs"),
        Example("reconcile --dry-run -o markdown > comment.md", "a comment for a pull request"),
    ]
    static let statuses = [
        ExitMeaning(0, "everything is as git says; of a dry run: no environment is in error"),
        ExitMeaning(1, "an error: a bad manifest, something unknown or unreachable, a failure, an interruption"),
        ExitMeaning(2, "there are changes: only with --dry-run --detailed-exitcode"),
        ExitMeaning(3, "rolled back or held"),
        ExitMeaning(4, "waiting: for a gate, the end of a pause, leave to delete"),
        ExitMeaning.wrongUsage,
    ]

    @Flag(help: "Show what would be done; touch and record nothing.")
    var dryRun = false
    @Flag(help: "With --dry-run: exit 2 where there are changes.")
    var detailedExitcode = false
    @Option(
        name: [.short, .customLong("environment")],
        help: ArgumentHelp("Only this environment; may be repeated.", valueName: "env"), completion: .environments)
    var environments: [String] = []
    @OptionGroup(title: CommonOptions.title) var common: CommonOptions

    func holdsSignals(_ variables: Variables) -> Bool { !(dryRun || (try? variables.flag("--dry-run")) == true) }

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        let only = environments.isEmpty ? nil : Set(environments)
        let isDryRun = try dryRun || settings.variables.flag("--dry-run")
        let (report, isWhole) =
            try await isDryRun ? (preview(settings, only), true) : pass(settings, only, output)
        if let error = report.sourceError, settings.output != .json {
            output.note("the source could not be fetched: \(VisibleText.line(error, limit: 2000))")
        }
        for source in report.sources where settings.isVerbose {
            guard let transport = source.transport else { continue }
            output.note((source.name.map { "source \($0) was " } ?? "") + VisibleText.line(transport))
        }
        OnceCommand.show(report, settings, output)
        guard isDryRun else { return isWhole ? report.exitStatus : 1 }
        let isDetailed = try detailedExitcode || settings.variables.flag("--detailed-exitcode")
        return OnceCommand.dryRunStatus(report, isDetailed: isDetailed)
    }

    static func show(_ report: PassReport, _ settings: Settings, _ output: Output) {
        switch settings.output {
        case .text:
            output.result(
                ReportText(style: output.style, isQuiet: settings.isQuiet, isVerbose: settings.isVerbose).text(report))
        case .json: output.result(JSONText.of(ReportJSON.value(report)))
        case .markdown: output.result(ReportMarkdown.text(report))
        }
    }

    /// 1 if any environment is in error; else 0, or 2 with changes where that was asked for.
    static func dryRunStatus(_ report: PassReport, isDetailed: Bool) -> Int32 {
        if report.sourceError != nil || report.environments.contains(where: { $0.outcome.exitStatus == 1 }) { return 1 }
        return isDetailed && report.environments.contains { !$0.changes.isEmpty } ? 2 : 0
    }

    private func preview(_ settings: Settings, _ only: Set<String>?) async throws -> PassReport {
        let store = try Session.reader(settings)
        let parts = try Parts(settings, runID: "dry-run", stateID: store?.stateID)
        let preview = Preview(
            store: store, sources: parts.sources, drivers: parts.drivers, runner: parts.runner,
            checker: parts.checker, settings: settings.engine(only: only))
        let report = await preview.run()
        await parts.drivers.close()
        return report
    }

    /// The pass, and whether it came to its end.
    private func pass(
        _ settings: Settings, _ only: Set<String>?, _ output: Output
    ) async throws -> (report: PassReport, isWhole: Bool) {
        _ = try settings.namedSources()
        let session = try await Session.open(settings, command: "reconcile once")
        do {
            let parts = try session.parts(settings)
            let fetched = parts.sources.map { source in Task { await source.source.fetched() } }
            let reconciler = try await session.reconciler(parts, settings, only: only, emit: Progress.sink(output))
            let ending = Ending.watch { kills in
                output.note("ending " + Ending.text(kills: kills))
                await reconciler.end(kills: kills)
            }
            // What people asked of a process that died before it answered comes first.
            await reconciler.answerRequests()
            let report = await reconciler.once(fetched: fetched)
            ending.cancel()
            let interrupted = await reconciler.interrupted(in: report)
            for (name, id) in interrupted {
                output.note("\(VisibleText.line(name)) was interrupted: the next pass goes on with reconcile \(id)")
            }
            await reconciler.close()
            await session.close()
            return (report, interrupted.isEmpty)
        } catch {
            await session.close()
            throw error
        }
    }
}
