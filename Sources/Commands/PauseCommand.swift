import ArgumentParser
import History
import Model

struct PauseCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Stops an environment at the next step boundary, until `resume`.",
        discussion: """
            Nothing is begun there until `reconcile resume`, rollbacks and repairs of drift included. With a loop, \
            the request is recorded and the loop told; the answer is awaited, for 30 seconds at most. Without one, \
            it is done here and now.
            """)
    static let examples = [
        Example(
            "reconcile pause production --reason \"no changes during the sale\"", "and say why, for those who ask `why`"
        )
    ]

    @Argument(help: ArgumentHelp("The environment.", valueName: "env"), completion: .environments)
    var name: String
    @Option(help: ArgumentHelp("Why, for `status`, `why` and the record.", valueName: "text")) var reason: String?
    @OptionGroup(title: CommonOptions.title) var common: CommonOptions

    func holdsSignals(_ variables: Variables) -> Bool { true }

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        try await Asking(
            kind: .pause, environment: name, argument: { [reason] _ in reason }, patience: .seconds(30)
        ).perform(
            settings, output)
    }
}
