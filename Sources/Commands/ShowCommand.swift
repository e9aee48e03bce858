import ArgumentParser
import History
import Model
import Processes

struct ShowCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Everything about one reconcile: changes, steps, what commands said.",
        discussion: """
            Which fields changed from what to what, each step with its state and how long it took, the gates, the \
            problems, and the end of what every command said.
            """)
    static let examples = [
        Example("reconcile show 17", "all of reconcile 17"),
        Example("reconcile show 17 -o markdown", "for an issue or a chat"),
    ]

    @Argument(
        help: ArgumentHelp("The number of a reconcile, from `history`.", valueName: "id"), completion: .reconciles)
    var id: Int
    @OptionGroup(title: CommonOptions.title) var common: CommonOptions

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        guard let full = try await FullRecord.read(id, from: try Session.record(settings)) else {
            throw CommandFailure("there is no reconcile \(id)", advice: "`reconcile history` lists them")
        }
        switch settings.output {
        case .text: output.result(RecordText(style: output.style, now: WallClock.now()).all(full))
        case .json: output.result(JSONText.of(RecordJSON.value(full)))
        case .markdown: output.result(RecordMarkdown.text(full))
        }
        return 0
    }
}
