import ArgumentParser
import History
import Model

struct ResumeCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Ends a pause or a hold: the newest input is tried again.",
        discussion: """
            After a pause the rollout goes on; after a hold or a rollback by hand the newest input is tried again. \
            With a loop, the request is recorded and the loop told; the answer is awaited. Without one, it is done \
            here and now.
            """)
    static let examples = [
        Example("reconcile resume production", "go on")
    ]

    @Argument(help: ArgumentHelp("The environment.", valueName: "env"), completion: .environments)
    var name: String
    @OptionGroup(title: CommonOptions.title) var common: CommonOptions

    func holdsSignals(_ variables: Variables) -> Bool { true }

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        try await Asking(kind: .resume, environment: name, patience: .seconds(30)).perform(settings, output)
    }
}
