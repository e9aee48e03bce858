import ArgumentParser
import FoundationEssentials

/// All there is to say of a command. Help, manual pages and the reference are made from it.
package struct CommandPage: Sendable {
    /// `once`; empty for the program itself.
    package let name: String
    /// What it does, a sentence.
    package let summary: String
    /// More of it, in paragraphs; lines are not broken.
    package let prose: String
    /// What it takes beside the common options, bare values first.
    package let arguments: [ArgumentShape]
    /// What every command takes.
    package let common: [ArgumentShape]
    /// Ways to call it.
    package let examples: [Example]
    /// What it can end with.
    package let statuses: [ExitMeaning]

    /// The program itself.
    package static let root = CommandPage(
        ReconcileCommand.self, name: "", shapes: shapes(of: OnceCommand.self).filter(\.isCommon),
        examples: ReconcileCommand.examples, statuses: OnceCommand.statuses)

    /// Every command, in groups with a title.
    package static let groups = ReconcileCommand.groups.map { group in
        (title: group.title, pages: group.commands.map { CommandPage($0) })
    }

    /// Every command.
    package static var all: [CommandPage] { groups.flatMap(\.pages) }

    /// `reconcile once`.
    package var title: String { name.isEmpty ? "reconcile" : "reconcile " + name }

    /// `reconcile why ENV [options]`.
    package var usage: String {
        ([title] + (name.isEmpty ? ["[COMMAND]"] : arguments.map(\.usage)) + ["[options]"]).joined(separator: " ")
    }

    private init(_ command: any ToolCommand.Type) {
        self.init(
            command, name: command.configuration.commandName ?? "", shapes: CommandPage.shapes(of: command),
            examples: command.examples, statuses: command.statuses)
    }

    private init(
        _ command: any ParsableCommand.Type, name: String, shapes: [ArgumentShape], examples: [Example],
        statuses: [ExitMeaning]
    ) {
        self.name = name
        summary = command.configuration.abstract
        prose = command.configuration.discussion
        let own = shapes.filter { !$0.isCommon && $0.words != ["-h", "--help"] }
        arguments = own.filter { $0.kind == .positional } + own.filter { $0.kind != .positional }
        common = shapes.filter(\.isCommon)
        self.examples = examples
        self.statuses = statuses
    }

    private static func shapes(of command: any ParsableCommand.Type) -> [ArgumentShape] {
        struct Tool: Decodable {
            struct Command: Decodable { var arguments: [ArgumentShape]? }
            var command: Command
        }
        return (try? JSONDecoder().decode(Tool.self, from: Data(command._dumpHelp().utf8)))?.command.arguments ?? []
    }
}
