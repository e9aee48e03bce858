import CLibGit2
import Model

/// The repository that is fetched from, opened.
protocol Remote {
    /// The newest commit of the branch. Throws where there is none.
    func tip() throws(SourceError) -> git_oid
    /// Brings a commit with all it needs into the mirror, which already has all of `known`.
    func download(_ commit: git_oid, known: git_oid?, into mirror: Mirror) throws(GitFailure)
}
