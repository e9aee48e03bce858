import ArgumentParser
import History
import Model
import Processes

struct HistoryCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "What was done, newest first, as `git log` shows it.",
        discussion: """
            Every pass that changed or found something new: its number, environment, outcome, author, commit and \
            reason. `reconcile show` says all of one.
            """)
    static let examples = [
        Example("reconcile history", "the newest twenty"),
        Example("reconcile history production --since 7d", "a week of production"),
        Example("reconcile history --before 120 -n 50", "the fifty before reconcile 120"),
    ]

    @Argument(help: ArgumentHelp("Only this environment.", valueName: "env"), completion: .environments)
    var name: String?
    @Option(
        name: [.short, .customLong("environment")],
        help: ArgumentHelp("The same, as other commands take it.", valueName: "env"), completion: .environments)
    var environment: String?
    @Option(name: [.short, .customLong("limit")], help: ArgumentHelp("How many at most.", valueName: "count"))
    var number = 20
    @Option(help: ArgumentHelp("Only those before this reconcile.", valueName: "id"), completion: .reconciles)
    var before: Int?
    @Option(
        help: ArgumentHelp(
            "Only those that began within this time (2h, 3d) or since this date (2026-03-01, or with T09:30:00Z).",
            valueName: "time"))
    var since: String?
    @OptionGroup(title: CommonOptions.title) var common: CommonOptions

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        guard number > 0 else { throw CommandFailure.usage("-n cannot be \(number)", advice: "give a number from 1") }
        let start = try since.map { text throws(CommandFailure) in try HistoryCommand.start(text, now: WallClock.now())
        }
        let store = try Session.record(settings)
        let wanted = name ?? environment
        let newest = try await store.history(environment: wanted, limit: number, before: before)
        if let wanted, newest.isEmpty, try await store.environment(wanted) == nil {
            throw CommandFailure(
                Names.unknownEnvironment(wanted, among: try await store.environments().map(\.name)),
                advice: "`reconcile status` lists those in the record")
        }
        let records = newest.filter { record in start.map { record.startedAt >= $0 } ?? true }
        switch settings.output {
        case .text:
            let text = RecordText(style: output.style, now: WallClock.now())
            output.result(records.map(text.entry).joined(separator: "\n"))
            if records.isEmpty {
                output.note("nothing is recorded\(wanted.map { " for \(VisibleText.line($0))" } ?? "")")
            }
        case .json: output.result(JSONText.of(.list(records.map(RecordJSON.value))))
        case .markdown: output.result(RecordMarkdown.table(records))
        }
        return 0
    }

    /// When `--since` begins: a length of time before now, or a date in UTC.
    static func start(_ text: String, now: Timestamp) throws(CommandFailure) -> Timestamp {
        if let span = TimeSpan(text) { return Timestamp(milliseconds: now.milliseconds - span.milliseconds) }
        for form in ["\(text)T00:00:00.000Z", "\(text.dropLast()).000Z", text] {
            // What the calendar does not have is moved by the reading, and then looks different.
            if let time = Timestamp(iso8601: form), time.iso8601 == form { return time }
        }
        throw .usage(
            "--since cannot be `\(VisibleText.line(text, limit: 40))`",
            advice: "write a length of time such as 2h or 3d, or a date such as 2026-03-01 or 2026-03-01T09:30:00Z")
    }
}
