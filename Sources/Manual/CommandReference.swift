import Commands

/// The parts of `docs/commands.md` that are made. Each stands between `<!-- made: NAMES -->` and `<!-- end -->`, where
/// NAMES are commands, or `commands` or `common options`.
enum CommandReference {
    /// The page with its parts made anew. What is around them stays.
    static func renewed(_ page: String) -> String {
        var lines: [Substring] = []
        var skips = false
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "<!-- end -->" { skips = false }
            if !skips { lines.append(line) }
            if let match = line.wholeMatch(of: #/<!-- made: (.*) -->/#) {
                skips = true
                lines += [""] + part(String(match.1)).split(separator: "\n", omittingEmptySubsequences: false) + [""]
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func part(_ name: String) -> String {
        switch name {
        case "commands": commands()
        case "common options": common()
        default: commands(name.split(separator: " ").map(String.init))
        }
    }

    private static func commands() -> String {
        let rows = CommandPage.groups.flatMap { group in
            ["| **\(group.title)** | |"] + group.pages.map { "| [`\($0.name)`](#\($0.name)) | \($0.summary) |" }
        }
        return (["| command | what it does |", "| --- | --- |"] + rows).joined(separator: "\n")
    }

    private static func common() -> String {
        let rows = CommandPage.root.common.map { option in
            let words = option.words.dropLast().map { "`\($0)`, " }.joined() + "`\(option.longLabel)`"
            let fallback = option.fallback.map { $0.contains(" ") ? $0 : "`\($0)`" } ?? ""
            return "| \(words) | `\(option.variable ?? "")` | \(fallback) | \(option.meaning) |"
        }
        return (["| option | variable | default | meaning |", "| --- | --- | --- | --- |"] + rows).joined(
            separator: "\n")
    }

    /// The command lines, and every option.
    private static func commands(_ names: [String]) -> String {
        let pages = names.compactMap { name in CommandPage.all.first { $0.name == name } }
        let lines = pages.map { $0.usage.replacing(" [options]", with: "") }
        var seen: Set<String> = []
        let items = pages.flatMap(\.arguments).filter { seen.insert($0.label + $0.sentence).inserted }.map { argument in
            "- `\(argument.label)`: \(argument.sentence)"
        }
        return (["```"] + lines + ["```"] + (items.isEmpty ? [] : [""]) + items).joined(separator: "\n")
    }
}

extension ArgumentShape {
    /// `--output FORMAT`.
    fileprivate var longLabel: String {
        ((words.last.map { [$0] } ?? []) + (value.isEmpty ? [] : [value])).joined(separator: " ")
    }
}
