import CLibGit2

/// The library's one-time start, and calls that throw instead of returning codes.
enum LibGit {
    /// Starts the library once in this process; later calls cost nothing.
    static func start() { _ = started }

    private static let started: Bool = {
        guard git_libgit2_init() > 0 else { return false }
        // What a fetch does is decided by our settings alone, not by a gitconfig of whoever started us.
        for level in [GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL] {
            _ = reconcile_git_set_search_path(level.rawValue, "")
        }
        // Git refuses repositories of other users because their hooks and configuration may run commands.
        // Nothing here ever runs a hook or a configured command, so reading them is safe.
        _ = reconcile_git_set_owner_validation(0)
        _ = reconcile_git_set_cache_size(8 << 20)
        _ = reconcile_git_set_cached_object_size(GIT_OBJECT_TREE, 256 << 10)
        _ = reconcile_git_set_windows(8 << 20, 64 << 20)
        // Of all mirrors together: a hundred sources must not hold a thousand packs open.
        _ = reconcile_git_set_window_files(128)
        return true
    }()

    /// Passes a result on, or throws what the library says about the failure. Must be the statement around the call:
    /// the library keeps its last error per thread.
    @discardableResult
    static func check(_ result: Int32) throws(GitFailure) -> Int32 {
        guard result < 0 else { return result }
        throw GitFailure(code: result)
    }
}
