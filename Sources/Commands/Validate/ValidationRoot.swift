import Engine
import Glibc
import Model

/// What a path given to `validate` stands for: a source's folder, or one environment in it.
struct ValidationRoot {
    var tree: FolderTree
    /// The environment's folder in it; nil for all.
    var only: String?
    /// What is put before a problem's file, so that it can be opened from where the user is.
    private var shownRoot: String
    private var typed: String

    /// Throws where the path is no folder.
    init(_ path: String) throws(CommandFailure) {
        let shown = VisibleText.line(path)
        guard let real = realpath(path, nil) else {
            throw CommandFailure(
                "\(shown) cannot be read (\(String(cString: strerror(errno))))", advice: "name a folder of manifests")
        }
        defer { free(real) }
        let absolute = String(cString: real)
        var status = stat()
        guard stat(absolute, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw CommandFailure(
                "\(shown) is no folder",
                advice: "name the environment's folder or the one above it: files are checked together")
        }
        typed = path
        let isEnvironment = access(absolute + "/environment.yaml", F_OK) == 0 && access(absolute + "/.git", F_OK) != 0
        guard isEnvironment, absolute != "/" else {
            tree = FolderTree(root: absolute)
            shownRoot = absolute
            return
        }
        // Its `files` and `after` are seen from the source's folder: the repository's root where there is one.
        var root = Paths.folder(of: absolute)
        if let checkout = Checkout(around: root) { root = checkout.root }
        tree = FolderTree(root: root)
        shownRoot = absolute
        only = String(absolute.dropFirst(root == "/" ? 1 : root.count + 1))
    }

    /// Everything that is wrong there. Throws `SourceError` where it cannot be read.
    func check(drivers: DriverRegistry) async throws(SourceError) -> Validation.Result {
        try await Validation.run(tree, only: only, drivers: drivers)
    }

    /// The `reconcile.yaml` that stands beside the environments, as seen from the path that was typed; nil where there is
    /// none. In an environment's own folder that name is a manifest's.
    var configuration: String? {
        guard only == nil, access(tree.root + "/environment.yaml", F_OK) != 0,
            access(tree.root + "/reconcile.yaml", F_OK) == 0
        else { return nil }
        return shown("reconcile.yaml")
    }

    /// A problem's file as seen from the path that was typed.
    func shown(_ file: String) -> String {
        let absolute = tree.root + "/" + file
        guard absolute.hasPrefix(shownRoot + "/") else { return absolute == shownRoot ? typed : absolute }
        let rest = String(absolute.dropFirst(shownRoot.count + 1))
        return typed.hasSuffix("/") ? typed + rest : typed + "/" + rest
    }
}
