import CLibGit2

/// The bare repository in the state folder. It holds objects and one reference for each source; nothing is checked out.
struct Mirror {
    let repository: Handle

    /// Opens what is there.
    init(at path: String) throws(GitFailure) {
        LibGit.start()
        repository = try Handle(git_repository_free) {
            git_repository_open_ext(
                &$0, path, GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue | GIT_REPOSITORY_OPEN_BARE.rawValue, nil)
        }
    }

    /// Makes an empty one.
    init(creatingAt path: String) throws(GitFailure) {
        LibGit.start()
        repository = try Handle(git_repository_free) { git_repository_init(&$0, path, 1) }
    }

    /// The commit a reference names; nil where the reference is not there.
    func tip(_ reference: String) throws(GitFailure) -> git_oid? {
        var id = git_oid()
        let result = git_reference_name_to_id(&id, repository.pointer, reference)
        if result == GIT_ENOTFOUND.rawValue { return nil }
        try LibGit.check(result)
        return id
    }

    /// Points a reference at a commit, wherever it was.
    func move(_ reference: String, to commit: git_oid) throws(GitFailure) {
        _ = try Handle(git_reference_free) { made in
            withUnsafePointer(to: commit) { git_reference_create(&made, repository.pointer, reference, $0, 1, nil) }
        }
    }

    /// A commit that must be there.
    func commit(_ id: git_oid) throws(GitFailure) -> Handle {
        try Handle(git_commit_free) { made in
            withUnsafePointer(to: id) { git_commit_lookup(&made, repository.pointer, $0) }
        }
    }

    /// A tree that must be there.
    func tree(_ id: git_oid) throws(GitFailure) -> Handle {
        try Handle(git_tree_free) { made in
            withUnsafePointer(to: id) { git_tree_lookup(&made, repository.pointer, $0) }
        }
    }

    /// Reads a commit and its root folder, so that what a truncated file took away is missed now and not later.
    func verify(_ id: git_oid) throws(GitFailure) {
        let commit = try commit(id)
        guard let root = git_commit_tree_id(commit.pointer) else { throw GitFailure(code: -1) }
        _ = try tree(root.pointee)
    }
}
