import ArgumentParser
import History
import Model

struct PauseCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Stops an environment at the next step boundary, until `resume`.")

    @Argument(help: ArgumentHelp("The environment.", valueName: "env")) var name: String
    @Option(help: ArgumentHelp("Why, for `status`, `why` and the record.", valueName: "text")) var reason: String?
    @OptionGroup(title: "Common options") var common: CommonOptions

    func holdsSignals(_ variables: Variables) -> Bool { true }

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        try await Asking(kind: .pause, environment: name, argument: reason, patience: .seconds(30)).perform(
            settings, output)
    }
}
