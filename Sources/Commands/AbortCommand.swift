import ArgumentParser
import History
import Model

struct AbortCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "abort", abstract: "Makes the rollout under way a failure now, with what that leads to.")

    @Argument(help: ArgumentHelp("The environment.", valueName: "env")) var name: String
    @OptionGroup(title: "Common options") var common: CommonOptions

    func holdsSignals(_ variables: Variables) -> Bool { true }

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        try await Asking(kind: .abort, environment: name, patience: .seconds(30)).perform(settings, output)
    }
}
