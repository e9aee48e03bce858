import CLibGit2

/// What the library is, for people who look for a fault.
package enum GitLibrary {
    /// Its version and the transports it was built with: `1.5.1, https, ssh`.
    package static var description: String {
        var (major, minor, revision): (Int32, Int32, Int32) = (0, 0, 0)
        git_libgit2_version(&major, &minor, &revision)
        let features = git_libgit2_features()
        let transports = [(GIT_FEATURE_HTTPS, "https"), (GIT_FEATURE_SSH, "ssh")]
            .filter { features & Int32($0.0.rawValue) != 0 }.map { ", " + $0.1 }
        return "\(major).\(minor).\(revision)" + transports.joined()
    }
}
