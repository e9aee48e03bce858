import ArgumentParser
import History

struct RejectCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Makes a rollout that asks for an approval a failure.",
        discussion: """
            Refuses, as a named person, the plan that waits; what `on_failure` says follows: a rollback, or a pause. It \
            counts for that plan alone, as with `approve`. It is recorded with the time and the plan's digest. With a \
            loop, the request is recorded and the loop told; the answer is awaited. Without one, it is done here and now.
            """)
    static let examples = [
        Example("reconcile reject production", "go back to what was good")
    ]

    @OptionGroup var decision: DecisionOptions
    @OptionGroup(title: CommonOptions.title) var common: CommonOptions

    func holdsSignals(_ variables: Variables) -> Bool { true }

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        try await decision.asking(.reject).perform(settings, output)
    }
}
