import CLibGit2
import Model

/// The rule for branch names: git's own, and never something that looks like an option.
enum BranchName {
    /// Throws `.configuration` for a name that no branch can have.
    static func check(_ name: String) throws(SourceError) {
        var isValid: Int32 = 0
        LibGit.start()
        guard !name.hasPrefix("-"), git_reference_name_is_valid(&isValid, "refs/heads/" + name) == 0, isValid == 1,
            !name.unicodeScalars.contains("\0")
        else {
            throw SourceError(
                .configuration, "\"\(VisibleText.line(name, limit: 200))\" is not a branch name",
                advice: "give the name of a branch with --branch")
        }
    }
}
