import Commands

/// The manual pages of section 1: `reconcile`, and one a command.
enum CommandManual {
    static func text(_ command: CommandPage) -> String {
        var page = ManualPage(name(command), section: 1, version: CommandLineTool.version)
        page.section("name")
        let summary = command.summary.hasSuffix(".") ? String(command.summary.dropLast()) : command.summary
        page.plain("\(name(command)) - \(summary.prefix(1).lowercased() + summary.dropFirst())")
        page.section("synopsis")
        page.plain(command.usage, isBold: true)
        page.section("description")
        for paragraph in command.prose.split(separator: "\n\n") { page.paragraph(String(paragraph)) }
        if command.name.isEmpty { commands(&page) }
        options(command, &page)
        page.section("exit status")
        if command.name.isEmpty { page.paragraph("Of a pass; every command's own page says what else it ends with.") }
        for status in command.statuses { page.entry("\(status.status)", sentence(status.meaning)) }
        environment(command, &page)
        if command.name.isEmpty { files(&page) }
        page.section("examples")
        for example in command.examples {
            page.paragraph(sentence(example.meaning).dropLast() + ":")
            page.display(example.line)
        }
        page.section("see also")
        page.plain(related(command).map { "\($0.0)(\($0.1))" }.joined(separator: ", "))
        return page.text
    }

    static func name(_ command: CommandPage) -> String { command.title.split(separator: " ").joined(separator: "-") }

    private static func commands(_ page: inout ManualPage) {
        page.section("commands")
        for group in CommandPage.groups {
            page.group(group.title)
            for command in group.pages { page.entry(command.name, command.summary) }
        }
    }

    private static func options(_ command: CommandPage, _ page: inout ManualPage) {
        page.section("options")
        for argument in command.name.isEmpty ? command.common : command.arguments {
            page.entry(argument.label, argument.sentence)
        }
        if command.name.isEmpty {
            page.entry("-h, --help", "Say what a command does and what it takes.")
            page.entry("--version", "Say the version.")
        } else {
            page.paragraph("Those that every command accepts, such as `--state` and `--output`, are in reconcile(1).")
        }
    }

    private static func environment(_ command: CommandPage, _ page: inout ManualPage) {
        let arguments = command.name.isEmpty ? command.common : command.arguments
        page.section("environment")
        if command.name.isEmpty {
            page.paragraph("A variable stands for an option that is not given. Those of flags are 1 or 0.")
        }
        for argument in arguments {
            if let variable = argument.variable { page.entry(variable, "As `\(argument.words.last ?? "")`.") }
        }
        if command.name.isEmpty {
            page.entry("NO_COLOR", "No colours, if it is not empty.")
        } else {
            page.paragraph("The variables of the options that every command accepts are in reconcile(1).")
        }
    }

    private static func files(_ page: inout ManualPage) {
        page.section("files")
        page.entry("reconcile.yaml", "The configuration, see reconcile.yaml(5).")
        page.entry(".reconcile/reconcile.sqlite", "The record, an SQLite database, in the folder that `--state` names.")
        page.entry("environment.yaml", "The policy of an environment, see reconcile-manifests(5).")
    }

    /// The other pages of the same group, and those that help with every command.
    private static func related(_ command: CommandPage) -> [(String, Int)] {
        let formats = [("reconcile-manifests", 5), ("reconcile.yaml", 5)]
        if command.name.isEmpty { return CommandPage.all.map { (name($0), 1) } + formats }
        let group = CommandPage.groups.first { $0.pages.contains { $0.name == command.name } }?.pages ?? []
        return [("reconcile", 1)] + group.filter { $0.name != command.name }.map { (name($0), 1) } + formats
    }

    private static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() + "." }
}
