import ArgumentParser
import History
import Model
import Processes

struct HistoryCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "What was done, newest first, as `git log` shows it.")

    @Argument(help: ArgumentHelp("Only this environment.", valueName: "env"))
    var name: String?
    @Option(name: [.short, .customLong("environment")], help: ArgumentHelp("Only this environment.", valueName: "env"))
    var environment: String?
    @Option(name: [.short, .customLong("limit")], help: ArgumentHelp("How many at most.", valueName: "count"))
    var number = 20
    @Option(help: ArgumentHelp("Only those before this reconcile.", valueName: "id"))
    var before: Int?
    @OptionGroup(title: "Common options") var common: CommonOptions

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        guard number > 0 else { throw CommandFailure.usage("-n cannot be \(number)", advice: "give a number from 1") }
        let store = try Session.record(settings)
        let records = try await store.history(environment: name ?? environment, limit: number, before: before)
        switch settings.output {
        case .text:
            let text = RecordText(style: output.style, now: WallClock.now())
            output.result(records.map(text.entry).joined(separator: "\n"))
            if records.isEmpty {
                output.note("nothing is recorded\((name ?? environment).map { " for \(VisibleText.line($0))" } ?? "")")
            }
        case .json: output.result(JSONText.of(.list(records.map(RecordJSON.value))))
        case .markdown: output.result(RecordMarkdown.table(records))
        }
        return 0
    }
}
