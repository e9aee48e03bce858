/// How `validate` tells a code host what is wrong in a change that is under review.
enum ReviewFormat: String, CaseIterable, Sendable {
    /// Workflow commands of GitHub Actions: an annotation at the line.
    case github
    /// A Code Quality report of GitLab.
    case gitlab
}
