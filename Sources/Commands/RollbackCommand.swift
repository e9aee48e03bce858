import ArgumentParser
import History

struct RollbackCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Goes back to the last good input and stays there, until `resume`.",
        discussion: "Exits 0 when it got there. Later passes are held, newer commits too.")

    @Argument(help: ArgumentHelp("The environment.", valueName: "env")) var name: String
    @Option(help: ArgumentHelp("Go to this commit instead.", valueName: "rev")) var to: String?
    @OptionGroup(title: "Common options") var common: CommonOptions

    func holdsSignals(_ variables: Variables) -> Bool { true }

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        try await Asking(kind: .rollback, environment: name, argument: to).perform(settings, output)
    }
}
