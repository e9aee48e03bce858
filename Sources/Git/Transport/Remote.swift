import CLibGit2
import Model

/// The repository that is fetched from, opened.
protocol Remote {
    /// What a reference names there, by its whole name: a commit, or a tag's own object. Nil where there is none.
    func id(of name: String) throws(SourceError) -> git_oid?
    /// The whole names of all references.
    func names() throws(SourceError) -> [String]
    /// Brings what a reference names with all it needs into the mirror, which already has all of `known`.
    func download(_ tip: Tip, known: git_oid?, into mirror: Mirror) throws(GitFailure)
}
