import ArgumentParser
import Control
import Model
import Processes

struct WakeCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "wake", abstract: "Makes a running loop look now (what hooks/post-receive calls).",
        discussion: """
            A hook of the repository calls it after a push, so that nobody waits for the interval. Only the user of \
            the loop and root may.
            """)
    static let examples = [
        Example("reconcile wake --state /var/lib/reconcile", "from hooks/post-receive")
    ]
    static let statuses = [
        ExitMeaning(0, "the loop looks now"), ExitMeaning(1, "no loop answers"), ExitMeaning.wrongUsage,
    ]

    @OptionGroup(title: CommonOptions.title) var common: CommonOptions

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        let state = settings.state
        try await OwnThread.run { Result { () throws(ControlError) in try Control.send(.wake, state: state) } }.get()
        if settings.output == .json {
            output.result(JSONText.of(.map(["woken": .bool(true)])))
        } else if settings.isVerbose {
            output.note("the loop on \(state) looks now")
        }
        return 0
    }
}
