import ArgumentParser

/// The root as shells know it: without a command's name `once` is meant, so its options are the root's, too.
struct CompletionRoot: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: ReconcileCommand.configuration.commandName, version: CommandLineTool.version,
        subcommands: ReconcileCommand.configuration.subcommands)

    @OptionGroup var once: OnceCommand
}
