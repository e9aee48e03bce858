import Git
import Manifests
import Model

/// One source as it was decided: option before variable before configuration before default.
struct SourceSettings: Sendable {
    /// Nil for the only one, which needs no name.
    var name: String?
    /// The repository's address.
    var repo: String
    var following: SourceReference
    var path: String
    var interval: TimeSpan
    var timeout: TimeSpan
    var access: GitAccess

    /// A source of the configuration in `folder`; its `repo` is as seen from here. Nil where it names no repository.
    init?(_ own: SourceConfiguration, shared: SourceConfiguration, folder: String) {
        guard let repo = own.repo else { return nil }
        name = own.name
        self.repo = repo
        following =
            own.tag != nil || own.semver != nil
            ? .tag(TagRule(pattern: own.tag, range: own.semver)) : .branch(own.branch ?? "main")
        path = own.path ?? ""
        interval = own.interval ?? shared.interval ?? .seconds(30)
        timeout = own.gitTimeout ?? shared.gitTimeout ?? .seconds(60)
        access = GitAccess(own.access, folder: folder)
    }

    /// Where its mirror is kept: sources never wait for each other's.
    func folder(in state: String) -> String { name.map { state + "/sources/" + $0 } ?? state }

    /// For people: what is followed, and whose it is.
    var shown: String { name.map { "\($0) (\(following.shown))" } ?? following.shown }
}
