/// What an environment should be: its manifests with every file resolved to its content and every digest computed.
package struct Desired: Hashable, Sendable, Codable {
    /// Identifies all that decided it; equal inputs are the same desired state.
    package var input: Input
    /// The commit it was read at.
    package var commit: String
    /// The manifests.
    package var environment: Environment
    /// What each workload runs, by the workload's name.
    package var deployables: [String: Deployable]
    /// The files of the environment's own folder; empty unless a command needs them.
    package var folderFiles: [SourceFile]

    /// All parts.
    package init(
        input: Input, commit: String, environment: Environment, deployables: [String: Deployable],
        folderFiles: [SourceFile]
    ) {
        self.input = input
        self.commit = commit
        self.environment = environment
        self.deployables = deployables
        self.folderFiles = folderFiles
    }
}
