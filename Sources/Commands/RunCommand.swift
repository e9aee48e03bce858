import ArgumentParser
import Engine
import Glibc

struct RunCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "The loop: looks at its interval, when woken, and when something drifted.",
        discussion: """
            Every environment is looked at in its own interval, at once when the branch moves, when `reconcile wake` \
            is called and when the one it comes after got there. What happens is told on standard output.

            SIGTERM and SIGINT end it at the next step boundary, a second one at once. SIGHUP reads the \
            configuration again.
            """)
    static let examples = [
        Example("reconcile run", "with what reconcile.yaml says"),
        Example("reconcile run --log json", "one JSON object a line, for what collects logs"),
    ]
    static let statuses = [
        ExitMeaning(0, "ended by a signal, at a step boundary"), ExitMeaning(1, "could not begin or go on"),
        ExitMeaning.wrongUsage,
    ]

    @Option(
        help: ArgumentHelp("text, or json: one line an event (default: text).", valueName: "format"),
        completion: .list(LogFormat.allCases.map(\.rawValue)))
    var log: String?
    @OptionGroup(title: CommonOptions.title) var common: CommonOptions

    func holdsSignals(_ variables: Variables) -> Bool { true }

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        let format: LogFormat = try settings.variables.word("--log", given: log, otherwise: .text)
        _ = try settings.namedSources()
        let session = try await Session.open(settings, command: "reconcile run")
        let isQuiet = settings.isQuiet
        let keeper = LoopKeeper(session: session, settings: settings, options: common) { event in
            let isNews =
                event.outcome != nil || event.kind == .warning || event.kind == .fetchFailed
                || event.kind == .notifyFailed
            if isQuiet && !isNews { return }
            Output.write(format == .json ? EventText.json(event) : EventText.timed(event), to: STDOUT_FILENO)
        }
        do {
            try await keeper.run()
            await session.close()
            return 0
        } catch {
            await session.close()
            throw error
        }
    }
}
