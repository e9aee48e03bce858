import ArgumentParser
import Engine
import FoundationEssentials
import Glibc
import Model

/// The whole tool behind its command line.
package struct CommandLineTool: Sendable {
    /// What `--version` prints.
    package static let version = "0.1.0"

    /// The drivers that are built in.
    package static var drivers: [DriverDescription] { Parts.drivers([]).descriptions }

    private enum Work: Sendable {
        case command(any ToolCommand)
        /// Something to print, and the status: help, the version, wrong usage.
        case message(String, Int32)
    }

    private let work: Work
    private let variables: Variables

    /// Reads the arguments, without the program's own name. To be called while the process has one thread: commands that
    /// end at a step boundary hold signals from here on.
    package init(_ arguments: [String]) {
        // A reader that went away is no reason to die in the middle of something.
        signal(SIGPIPE, SIG_IGN)
        // What we open must not become the output that somebody closed.
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDWR)
        }
        variables = Variables(all: ProcessInfo.processInfo.environment)
        work = CommandLineTool.parse(arguments)
        if case .command(let command) = work, command.holdsSignals(variables) { Signals.hold() }
    }

    /// Does what was asked and ends the process with its status. The calling thread only waits: were it given to the main
    /// queue, that would let through the signals that are held.
    package func runAndExit() -> Never {
        // Everything is written and closed by then: no handler of the C library has anything left to do.
        Task.detached { _exit(await run()) }
        while true { pause() }
    }

    /// Does what was asked; gives the exit status.
    package func run() async -> Int32 {
        switch work {
        case .message(let text, let status):
            Output.write(text, to: status == 0 ? STDOUT_FILENO : STDERR_FILENO)
            return status
        case .command(let command):
            do {
                let settings = try command.settings(variables)
                let status = try await command.perform(settings, Output(settings))
                guard let failure = Output.failure else { return status }
                throw CommandFailure(failure, advice: "make room, or send it elsewhere")
            } catch {
                Output.write("reconcile: \(VisibleText.block("\(error)"))", to: STDERR_FILENO)
                return (error as? CommandFailure)?.status ?? 1
            }
        }
    }

    private static func parse(_ arguments: [String]) -> Work {
        if arguments.first == "---completion" { return complete(arguments) }
        do throws(CommandFailure) {
            if let script = try CompletionScripts.asked(arguments) { return .message(script, 0) }
            let normal = try Arguments.normalised(arguments, commands: ReconcileCommand.names)
            if normal.first == "help" { return try help(normal.dropFirst().first { !$0.hasPrefix("-") } ?? "") }
            do {
                var command = try ReconcileCommand.parseAsRoot(normal)
                if let command = command as? any ToolCommand { return .command(command) }
                // The parser's own: it throws the help that was asked for.
                try command.run()
                return try help("")
            } catch {
                let text = ReconcileCommand.fullMessage(for: error)
                let name = normal.first.flatMap { $0.hasPrefix("-") ? nil : $0 } ?? ""
                // Help and version mean what they say; whatever else the parser refuses is wrong usage.
                guard ReconcileCommand.exitCode(for: error).rawValue == 0 else {
                    return .message(refusal(ReconcileCommand.message(for: error), of: name), 64)
                }
                return text == version ? .message(text, 0) : try help(name)
            }
        } catch {
            return .message("reconcile: \(error)", error.status)
        }
    }

    private static func help(_ name: String) throws(CommandFailure) -> Work {
        if let text = HelpText.of(name) { return .message(text, 0) }
        throw Arguments.unknown(name, ReconcileCommand.names)
    }

    private static func refusal(_ message: String, of name: String) -> String {
        let page = CommandPage.all.first { $0.name == name } ?? CommandPage.root
        return "reconcile: \(VisibleText.block(message))\nUsage: \(page.usage)\n"
            + "`\(page.title) --help` says more"
    }

    /// What the shell asked for, and nothing else: the user is in the middle of a word.
    private static func complete(_ arguments: [String]) -> Work {
        do {
            _ = try CompletionRoot.parseAsRoot(arguments)
        } catch  where CompletionRoot.exitCode(for: error).rawValue == 0 {
            return .message(CompletionRoot.fullMessage(for: error), 0)
        } catch {}
        return .message("", 64)
    }
}
