import ArgumentParser
import History
import Model

struct AbortCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "abort", abstract: "Makes the rollout under way a failure now, with what that leads to.",
        discussion: """
            The step that runs is cut, and what `on_failure` says follows: a rollback, or a pause. With a loop, the \
            request is recorded and the loop told; the answer is awaited. Without one, it is done here and now.
            """)
    static let examples = [
        Example("reconcile abort staging", "do not wait for the deadline of a step that will not come to anything")
    ]

    @Argument(help: ArgumentHelp("The environment.", valueName: "env"), completion: .environments)
    var name: String
    @OptionGroup(title: CommonOptions.title) var common: CommonOptions

    func holdsSignals(_ variables: Variables) -> Bool { true }

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        try await Asking(kind: .abort, environment: name, patience: .seconds(30)).perform(settings, output)
    }
}
