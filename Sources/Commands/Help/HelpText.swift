/// What `--help` prints: at most 80 columns, whatever the terminal's width, so that it reads the same everywhere.
enum HelpText {
    private static let width = 80
    private static let column = 26

    /// The help of the command of that name; nil where there is none. An empty name is the program's.
    static func of(_ name: String) -> String? {
        if name.isEmpty { return root() }
        return CommandPage.all.first { $0.name == name }.map(command)
    }

    private static func command(_ page: CommandPage) -> String {
        [
            "Usage: " + wrapped(page.usage, indent: 7), wrapped(page.summary), prose(page.prose),
            examples(page.examples), list("Arguments:", page.arguments.filter { $0.kind == .positional }),
            list("Options:", page.arguments.filter { $0.kind != .positional }),
            list("\(CommonOptions.title):", page.common), statuses("Exit status:", page.statuses),
        ].filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }

    private static func root() -> String {
        let page = CommandPage.root
        let groups = CommandPage.groups.map { group in
            group.title + ":\n" + group.pages.map { row($0.name, $0.summary, column: 13) }.joined(separator: "\n")
        }
        return
            (["Usage: " + page.usage, wrapped(page.summary), prose(page.prose)] + groups + [
                examples(page.examples), list("\(CommonOptions.title):", page.common),
                statuses("Exit status of a pass:", page.statuses),
                "`reconcile COMMAND --help` says more of a command.",
            ]).joined(separator: "\n\n") + "\n"
    }

    private static func prose(_ text: String) -> String {
        text.split(separator: "\n\n").map { wrapped(String($0)) }.joined(separator: "\n\n")
    }

    private static func examples(_ examples: [Example]) -> String {
        let lines = examples.map { "  \($0.line)\n      " + wrapped($0.meaning, indent: 6) }
        return (["Examples:"] + lines).joined(separator: "\n")
    }

    private static func list(_ title: String, _ arguments: [ArgumentShape]) -> String {
        guard !arguments.isEmpty else { return "" }
        return ([title] + arguments.map { row($0.label, $0.sentence, column: column) }).joined(separator: "\n")
    }

    private static func statuses(_ title: String, _ statuses: [ExitMeaning]) -> String {
        ([title] + statuses.map { row("\($0.status)", $0.meaning, column: 6) }).joined(separator: "\n")
    }

    /// A word and what it means, in two columns.
    private static func row(_ label: String, _ text: String, column: Int) -> String {
        let text = wrapped(text, indent: column)
        guard label.count + 4 <= column else { return "  \(label)\n" + String(repeating: " ", count: column) + text }
        return "  \(label)" + String(repeating: " ", count: column - 2 - label.count) + text
    }

    /// Every line but the first begins with the indent, which the first is taken to have already.
    private static func wrapped(_ text: String, indent: Int = 0) -> String {
        var lines: [String] = [""]
        for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if indent + last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines.joined(separator: "\n" + String(repeating: " ", count: indent))
    }
}
