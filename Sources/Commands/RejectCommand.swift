import ArgumentParser
import History
import Model

struct RejectCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Makes a rollout that asks for an approval a failure.",
        discussion: """
            Refuses, as a named person, the plan that waits; what `on_failure` says follows: a rollback, or a pause. \
            It is recorded with the time and the plan's digest. With a loop, the request is recorded and the loop told; \
            the answer is awaited. Without one, it is done here and now.
            """)
    static let examples = [
        Example("reconcile reject production", "go back to what was good")
    ]

    @Argument(help: ArgumentHelp("The environment.", valueName: "env"), completion: .environments)
    var name: String
    @Option(name: .customLong("as"), help: ArgumentHelp("Who decides (default: the login name).", valueName: "name"))
    var person: String?
    @OptionGroup(title: CommonOptions.title) var common: CommonOptions

    func holdsSignals(_ variables: Variables) -> Bool { true }

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        let person = try Person.named(person)
        return try await Asking(kind: .reject, environment: name, argument: person, patience: .seconds(30)).perform(
            settings, output)
    }
}
