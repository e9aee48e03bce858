import ArgumentParser
import History
import Model
import Processes

struct WhyCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Why an environment is as it is, and what would change that.",
        discussion: """
            Answers for every outcome: what is, why, since when, what would end it, who looks next; of a failure the \
            step and the end of what it said.
            """)
    static let examples = [
        Example("reconcile why production", "why it waits, is held or failed")
    ]

    @Argument(help: ArgumentHelp("The environment.", valueName: "env"), completion: .environments)
    var name: String
    @OptionGroup(title: CommonOptions.title) var common: CommonOptions

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        let store = try Session.record(settings)
        guard let answer = try await WhyAnswer.read(name, from: store, holder: StateLock.holder(of: settings.state))
        else {
            throw CommandFailure(
                Names.unknownEnvironment(name, among: try await store.environments().map(\.name)),
                advice: "`reconcile status` lists those in the record")
        }
        switch settings.output {
        case .text: output.result(answer.text(output.style, now: WallClock.now()))
        case .json: output.result(JSONText.of(answer.json))
        case .markdown: output.result(Markdown.fenced(answer.text(.plain, now: WallClock.now())))
        }
        return 0
    }
}
