import ArgumentParser
import History
import Model

struct ResumeCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Ends a pause or a hold: the newest input is tried again.")

    @Argument(help: ArgumentHelp("The environment.", valueName: "env")) var name: String
    @OptionGroup(title: "Common options") var common: CommonOptions

    func holdsSignals(_ variables: Variables) -> Bool { true }

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        try await Asking(kind: .resume, environment: name, patience: .seconds(30)).perform(settings, output)
    }
}
