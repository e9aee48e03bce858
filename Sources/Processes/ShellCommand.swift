import Model

/// One line of a manifest, to be run by `/bin/sh -c`.
package struct ShellCommand: Sendable {
    /// What it is for: `apply`, `health`, ….
    package var purpose: String
    /// The line itself.
    package var text: Text
    /// The whole environment besides the secrets.
    package var environment: [String: String]
    /// Variables that are read just before the run; they win over `environment`.
    package var secrets: [String: SecretReference]
    /// What it reads on standard input; then end of file.
    package var input: [UInt8]
    /// Where it runs; nil for our own working directory.
    package var folder: String?
    /// After this its process group is killed.
    package var timeout: TimeSpan

    /// All parts.
    package init(
        purpose: String, text: Text, environment: [String: String], secrets: [String: SecretReference] = [:],
        input: [UInt8] = [], folder: String?, timeout: TimeSpan
    ) {
        self.purpose = purpose
        self.text = text
        self.environment = environment
        self.secrets = secrets
        self.input = input
        self.folder = folder
        self.timeout = timeout
    }

    /// The variables of our own environment that commands of manifests get to see.
    package static func inherited(from environment: [String: String]) -> [String: String] {
        environment.filter { ["PATH", "HOME", "USER", "LANG", "TMPDIR"].contains($0.key) }
    }

    /// The child process to run, its secrets read now. Merged, both outputs are kept in their order in `output`.
    package func command(merged: Bool, outputLimit: Int) throws(SecretError) -> Command {
        var values: [String: Secret] = [:]
        for (name, reference) in secrets { values[name] = try SecretReader.read(reference) }
        let line: String
        switch text {
        case .plain(let text): line = text
        case .secret(let reference):
            // Everybody on the machine can read an argument list, only we and root an environment.
            values[ShellCommand.lineVariable] = try SecretReader.read(reference)
            line = "line=$\(ShellCommand.lineVariable); unset \(ShellCommand.lineVariable); eval \"$line\""
        }
        return Command(
            "/bin/sh", ["-c", line], environment: environment, secrets: values, workingDirectory: folder,
            input: input, timeout: timeout, outputLimit: outputLimit, mergesErrors: merged)
    }

    private static let lineVariable = "RECONCILE_LINE"
}

extension ProcessRunner {
    /// Runs a line of a manifest and keeps 16 KiB of what it says. A secret that cannot be read is `notStarted`.
    package func run(_ shell: ShellCommand) async -> ShellReport {
        let result: CommandResult
        do throws(SecretError) {
            result = await run(try shell.command(merged: true, outputLimit: 16_384))
        } catch {
            result = CommandResult(notStarted: error.description)
        }
        return ShellReport(result: result, purpose: shell.purpose, timeout: shell.timeout)
    }
}
