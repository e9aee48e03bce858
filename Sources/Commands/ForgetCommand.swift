import ArgumentParser
import History
import Model

struct ForgetCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget", abstract: "Stops watching an environment whose folder is gone.",
        discussion: """
            An environment whose folder disappeared from git stays as it is, held, until the folder is back or it is \
            forgotten.
            """)
    static let examples = [
        Example("reconcile forget old-staging", "stop watching it, leave what runs"),
        Example("reconcile forget old-staging --remove", "take down what runs"),
    ]

    @Argument(help: ArgumentHelp("The environment.", valueName: "env"), completion: .environments)
    var name: String
    @Flag(help: "Take down what runs, too.") var remove = false
    @OptionGroup(title: CommonOptions.title) var common: CommonOptions

    func holdsSignals(_ variables: Variables) -> Bool { true }

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        try await Asking(
            kind: .forget, environment: name, argument: { [remove] _ in remove ? "remove" : nil },
            patience: remove ? nil : .seconds(30)
        ).perform(settings, output)
    }
}
