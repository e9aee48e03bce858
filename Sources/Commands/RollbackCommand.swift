import ArgumentParser
import History

struct RollbackCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Goes back to the last good input and stays there, until `resume`.",
        discussion: """
            Goes back to the newest good input before the one that runs, or to a commit, and stays there: later \
            passes are held, newer commits too, until `reconcile resume`.
            """)
    static let examples = [
        Example("reconcile rollback production", "to what was good before"),
        Example("reconcile rollback production --to 3fa91c2", "to what that commit says"),
    ]
    static let statuses = [
        ExitMeaning(0, "got there"), ExitMeaning(1, "could not be done"), ExitMeaning.wrongUsage,
    ]

    @Argument(help: ArgumentHelp("The environment.", valueName: "env"), completion: .environments)
    var name: String
    @Option(help: ArgumentHelp("Go to this commit instead.", valueName: "rev")) var to: String?
    @OptionGroup(title: CommonOptions.title) var common: CommonOptions

    func holdsSignals(_ variables: Variables) -> Bool { true }

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        try await Asking(kind: .rollback, environment: name, argument: { [to] _ in to }).perform(settings, output)
    }
}
