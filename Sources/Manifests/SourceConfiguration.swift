import Model

/// What `reconcile.yaml` says of one source: at its top level, or in an entry of `sources`. Nil is what it does not say.
package struct SourceConfiguration: Hashable, Sendable {
    /// The source's name; nil for the one at the top level.
    package var name: String?
    /// The repository.
    package var repo: String?
    /// The branch.
    package var branch: String?
    /// What the tags that are followed instead of a branch look like.
    package var tag: NamePattern?
    /// Which versions they may have.
    package var semver: VersionRange?
    /// The folder in the repository.
    package var path: String?
    /// How often the loop fetches.
    package var interval: TimeSpan?
    /// How long a fetch may take.
    package var gitTimeout: TimeSpan?
    /// How the repository is reached.
    package var access = AccessConfiguration()

    /// Says nothing.
    package init() {}

    init(_ value: Value) {
        name = value["name"].string
        repo = value["repo"].string
        branch = value["branch"].string
        tag = value["tag"].string.map { NamePattern($0) }
        semver = value["semver"].string.flatMap { try? VersionRange($0) }
        path = value["path"].string
        interval = value["interval"].int.map { TimeSpan(milliseconds: Int64($0)) }
        gitTimeout = value["git_timeout"].int.map { TimeSpan(milliseconds: Int64($0)) }
        access = AccessConfiguration(value)
    }
}
