import ArgumentParser
import History
import Model

struct ApproveCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Lets a rollout that asks for it go on.",
        discussion: """
            Agrees, as a named person, to the plan that waits; `why` says what is asked. It is recorded with the time \
            and the plan's digest. With a loop, the request is recorded and the loop told; the answer is awaited. \
            Without one, the rollout goes on here and now.
            """)
    static let examples = [
        Example("reconcile approve production", "go on with the rollout"),
        Example("reconcile approve production --as \"Ada Lovelace\"", "in somebody's name"),
    ]

    @Argument(help: ArgumentHelp("The environment.", valueName: "env"), completion: .environments)
    var name: String
    @Option(name: .customLong("as"), help: ArgumentHelp("Who decides (default: the login name).", valueName: "name"))
    var person: String?
    @OptionGroup(title: CommonOptions.title) var common: CommonOptions

    func holdsSignals(_ variables: Variables) -> Bool { true }

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        let person = try Person.named(person)
        return try await Asking(kind: .approve, environment: name, argument: person, patience: .seconds(30)).perform(
            settings, output)
    }
}
