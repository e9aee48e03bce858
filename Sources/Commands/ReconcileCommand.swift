import ArgumentParser

/// The root: it only lists the commands.
struct ReconcileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Keeps what runs as git says, in small, checked, recorded steps.",
        discussion: """
            Without a command's name, `once` is meant. Options may stand before or after the name. Each common \
            option is a variable, too: --git-timeout is RECONCILE_GIT_TIMEOUT. An option goes before its variable, \
            the variable before reconcile.yaml. Results go to standard output, all else to standard error.
            """,
        version: CommandLineTool.version,
        subcommands: groups.flatMap(\.commands))

    /// Every command, as help lists them.
    static let groups: [(title: String, commands: [any ToolCommand.Type])] = [
        ("Make it so", [OnceCommand.self, RunCommand.self, WakeCommand.self]),
        ("Ask", [StatusCommand.self, WhyCommand.self, HistoryCommand.self, ShowCommand.self]),
        (
            "Decide by hand",
            [
                ApproveCommand.self, RejectCommand.self, PauseCommand.self, ResumeCommand.self, AbortCommand.self,
                RollbackCommand.self, ForgetCommand.self,
            ]
        ),
        (
            "Begin, and find out what is wrong",
            [InitCommand.self, ValidateCommand.self, SchemaCommand.self, DoctorCommand.self, DriverCommand.self]
        ),
    ]

    static let examples = [
        Example("reconcile init", "write what is missing to begin"),
        Example("reconcile --dry-run", "what would be done"),
        Example("reconcile run", "watch, and keep it so"),
        Example("reconcile why production", "why it is as it is, and what would change that"),
    ]

    /// The names of the commands.
    static var names: [String] { configuration.subcommands.compactMap { $0.configuration.commandName } }
}
