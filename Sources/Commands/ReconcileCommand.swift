import ArgumentParser

/// The root: it only lists the commands.
struct ReconcileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Keeps what runs as git says, in small, checked, recorded steps.",
        discussion: """
            Without a command's name, `once` is meant. Every command accepts the common options, before or after its name; \
            `reconcile once --help` lists them. Each is also a variable: --git-timeout is RECONCILE_GIT_TIMEOUT. An option \
            goes before its variable, the variable before reconcile.yaml.

            Exit status of a pass: 0 everything is as git says, 1 an error, 2 changes (only with --dry-run \
            --detailed-exitcode), 3 rolled back or held, 4 waiting, 64 wrong usage.
            """,
        version: CommandLineTool.version,
        subcommands: [
            OnceCommand.self, RunCommand.self, WakeCommand.self, ValidateCommand.self, StatusCommand.self,
            HistoryCommand.self, ShowCommand.self, WhyCommand.self, PauseCommand.self, ResumeCommand.self,
            AbortCommand.self, RollbackCommand.self, ForgetCommand.self, InitCommand.self, SchemaCommand.self,
            DoctorCommand.self,
        ])

    /// The names of the commands.
    static var names: [String] { configuration.subcommands.compactMap { $0.configuration.commandName } }
}
