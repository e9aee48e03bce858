import ArgumentParser
import Control
import History
import Model
import Processes

struct StatusCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "How every environment stands, and whether a loop runs.",
        discussion: """
            One line an environment: its outcome, the commit, the last pass and the reason; of a rollout, how far it \
            is. Reads the record only, so it works beside a loop and without one.
            """)
    static let examples = [
        Example("reconcile status", "how everything stands"),
        Example("reconcile status --live", "a health check: fails where no loop answers"),
        Example("reconcile status -o json | jq -r '.environments[] | select(.held) | .name'", "what is held"),
    ]
    static let statuses = [
        ExitMeaning(0, "the record could be read"), ExitMeaning(1, "it could not, or --live and no loop answers"),
        ExitMeaning.wrongUsage,
    ]

    @Flag(help: "Exit 1 where no loop answers.")
    var live = false
    @OptionGroup(title: CommonOptions.title) var common: CommonOptions

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        let holder = StateLock.holder(of: settings.state)
        var answer = StatusAnswer(holder: holder, entries: [], pendingRequests: 0)
        if let store = try Session.reader(settings) { answer = try await StatusAnswer.read(store, holder: holder) }
        switch settings.output {
        case .text: output.result(answer.text(now: WallClock.now()))
        case .json: output.result(JSONText.of(answer.json))
        case .markdown: output.result(answer.markdown(now: WallClock.now()))
        }
        guard live else { return 0 }
        try await OwnThread.run { [state = settings.state] in
            Result { () throws(ControlError) in try Control.send(.ping, state: state) }
        }.get()
        return 0
    }
}
