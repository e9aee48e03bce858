import ArgumentParser
import History
import Model
import Processes

struct ShowCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Everything about one reconcile: changes, steps, what commands said.")

    @Argument(help: ArgumentHelp("The number of a reconcile, from `history`.", valueName: "id"))
    var id: Int
    @OptionGroup(title: "Common options") var common: CommonOptions

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
