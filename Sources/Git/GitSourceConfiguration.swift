import Model
import Processes

/// What a git source needs to know.
package struct GitSourceConfiguration: Sendable {
    /// A path, `[USER@]HOST:PATH`, or a `file://`, `git://`, `http://`, `https://` or `ssh://` address without a password.
    package var address: String
    /// The branch or the tags it follows.
    package var following: SourceReference
    /// The folder in the repository; empty for its root.
    package var path: String
    /// Where the mirror is kept, made where it is missing.
    package var stateFolder: String
    /// How long one fetch may take, all in all.
    package var timeout: TimeSpan
    /// What the repository needs beyond its address.
    package var access: GitAccess
    /// Our own environment: where programs, an ssh agent and the user's own keys are found.
    package var environment: [String: String]
    /// How much one fetch may bring over a network.
    package var limits = ReceiveLimits()
    /// Who fetches, for this and all other sources.
    package var workers: FetchWorkers
    /// Where mirrors are read, this source's and others'.
    package var threads: ReaderThreads

    /// All parts.
    package init(
        address: String, following: SourceReference = .branch("main"), path: String = "", stateFolder: String,
        timeout: TimeSpan = .seconds(60), access: GitAccess = GitAccess(), environment: [String: String] = [:],
        workers: FetchWorkers, threads: ReaderThreads = ReaderThreads()
    ) {
        self.address = address
        self.following = following
        self.path = path
        self.stateFolder = stateFolder
        self.timeout = timeout
        self.access = access
        self.environment = environment
        self.workers = workers
        self.threads = threads
    }
}
