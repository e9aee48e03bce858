import ArgumentParser
import History
import Model

struct ForgetCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget", abstract: "Stops watching an environment whose folder is gone.")

    @Argument(help: ArgumentHelp("The environment.", valueName: "env")) var name: String
    @Flag(help: "Take down what runs, too.") var remove = false
    @OptionGroup(title: "Common options") var common: CommonOptions

    func holdsSignals(_ variables: Variables) -> Bool { true }

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        try await Asking(
            kind: .forget, environment: name, argument: remove ? "remove" : nil, patience: remove ? nil : .seconds(30)
        ).perform(settings, output)
    }
}
