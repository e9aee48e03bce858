import ArgumentParser
import History

struct ApproveCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Lets a rollout that asks for it go on.",
        discussion: """
            Agrees, as a named person, to the plan that waits; `why` says what is asked. It counts for that plan alone: \
            once a newer commit has changed it, what waits then is asked anew. With --plan, nothing is approved unless \
            that plan still waits. It is recorded with the time and the plan's digest. With a loop, the request is \
            recorded and the loop told; the answer is awaited. Without one, the rollout goes on here and now.
            """)
    static let examples = [
        Example("reconcile approve production", "go on with the rollout"),
        Example(
            "reconcile approve production --plan 1f0c9ab2d3e4", "go on, if it is still the plan that was looked at"),
        Example("reconcile approve production --as \"Ada Lovelace\"", "in somebody's name"),
    ]

    @OptionGroup var decision: DecisionOptions
    @OptionGroup(title: CommonOptions.title) var common: CommonOptions

    func holdsSignals(_ variables: Variables) -> Bool { true }

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        try await decision.asking(.approve).perform(settings, output)
    }
}
