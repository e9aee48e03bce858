import Model

/// One child process to run: an argument list, never a shell line of our own making.
package struct Command: Sendable {
    /// Absolute path, or a name that is looked up in PATH.
    package var executable: String
    /// Without the executable's own name.
    package var arguments: [String]
    /// The whole environment of the child; nothing of ours is inherited.
    package var environment: [String: String]
    /// Variables whose values are secret; they win over `environment` and are redacted from the output.
    package var secrets: [String: Secret]
    /// Where it runs; nil for our own working directory.
    package var workingDirectory: String?
    /// What it reads on standard input; then end of file.
    package var input: [UInt8]
    /// After this the whole process group is killed.
    package var timeout: TimeSpan
    /// How many bytes of each output are kept; of more, the beginning and the end are kept with a line between them
    /// that counts what was left out.
    package var outputLimit: Int
    /// Whether standard error goes into the same pipe as standard output, so that their order is kept; then `errors` of
    /// the result is empty.
    package var mergesErrors: Bool

    /// All parts.
    package init(
        _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:],
        secrets: [String: Secret] = [:], workingDirectory: String? = nil, input: [UInt8] = [],
        timeout: TimeSpan = .seconds(60), outputLimit: Int = 65_536, mergesErrors: Bool = false
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.secrets = secrets
        self.workingDirectory = workingDirectory
        self.input = input
        self.timeout = timeout
        self.outputLimit = outputLimit
        self.mergesErrors = mergesErrors
    }
}
