import Model
import Processes

/// What a git source needs to know.
package struct GitSourceConfiguration: Sendable {
    /// A path, or a `file://`, `git://`, `http://` or `https://` address without credentials.
    package var address: String
    /// The branch or the tags it follows.
    package var following: SourceReference
    /// The folder in the repository; empty for its root.
    package var path: String
    /// Where the mirror is kept, made where it is missing.
    package var stateFolder: String
    /// How long one fetch may take, all in all.
    package var timeout: TimeSpan
    /// Who signs in over HTTP; `git` where there is only a token.
    package var user: Text?
    /// The password or token, read anew for each fetch.
    package var token: Text?
    /// How much one fetch may bring over a network.
    package var limits = ReceiveLimits()
    /// Who fetches, for this and all other sources.
    package var workers: FetchWorkers

    /// All parts.
    package init(
        address: String, following: SourceReference = .branch("main"), path: String = "", stateFolder: String,
        timeout: TimeSpan = .seconds(60), user: Text? = nil, token: Text? = nil,
        workers: FetchWorkers
    ) {
        self.address = address
        self.following = following
        self.path = path
        self.stateFolder = stateFolder
        self.timeout = timeout
        self.user = user
        self.token = token
        self.workers = workers
    }
}
