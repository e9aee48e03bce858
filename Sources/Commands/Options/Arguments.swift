import Model

/// Brings the command's name to the front, so that options may stand before it too.
enum Arguments {
    /// Options of single commands that take a value and may stand where no command is named.
    private static let others: Set<String> = [
        "--environment", "-e", "--log", "--reason", "--to", "-n", "--limit", "--before", "--since", "--of",
        "--workload",
    ]
    /// Commands of the contract that this version does not have.
    private static let notBuilt: Set<String> = ["promote"]

    /// Without a command's name, `once` is meant. Throws for a name that is no command.
    static func normalised(_ arguments: [String], commands: [String]) throws(CommandFailure) -> [String] {
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            if argument == "--" { break }
            guard argument.hasPrefix("-"), argument != "-" else {
                guard argument == "help" || commands.contains(argument) else { throw unknown(argument, commands) }
                return [argument] + arguments[..<index] + arguments[(index + 1)...]
            }
            let takesValue = CommonOptions.withValue.contains(argument) || others.contains(argument)
            index += takesValue ? 2 : 1
        }
        if let alone = arguments.first(where: { ["--help", "-h", "--version"].contains($0) }) { return [alone] }
        return ["once"] + arguments
    }

    /// What to say of a name that is no command.
    static func unknown(_ name: String, _ commands: [String]) -> CommandFailure {
        let shown = VisibleText.line(name, limit: 60)
        if notBuilt.contains(name) {
            return .usage("`\(shown)` is not built yet", advice: "this version has no such command")
        }
        let near = Names.nearest(to: name, in: commands).map { ": did you mean `\($0)`?" } ?? ""
        return .usage("there is no command `\(shown)`\(near)", advice: "`reconcile --help` lists them")
    }
}
