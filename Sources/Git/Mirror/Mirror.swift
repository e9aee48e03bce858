import CLibGit2
import Processes

/// The bare repository in the state folder. It holds objects and one reference for each source; nothing is checked out.
struct Mirror {
    let repository: Handle

    /// The folder of its packs.
    var packs: String { String(cString: git_repository_path(repository.pointer)) + "objects/pack" }

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

    /// What a reference names, a commit or a tag's own object; nil where the reference is not there.
    func tip(_ reference: String) throws(GitFailure) -> git_oid? {
        var id = git_oid()
        let result = git_reference_name_to_id(&id, repository.pointer, reference)
        if result == GIT_ENOTFOUND.rawValue { return nil }
        try LibGit.check(result)
        return id
    }

    /// Whether anything was fetched yet.
    var hasPacks: Bool { (Folders.names(in: packs) ?? []).contains { $0.hasSuffix(".idx") } }

    /// Whether an object is there.
    func has(_ id: git_oid) -> Bool {
        guard let objects = try? Handle(git_odb_free, { git_repository_odb(&$0, repository.pointer) }) else {
            return false
        }
        git_odb_refresh(objects.pointer)
        return withUnsafePointer(to: id) { git_odb_exists(objects.pointer, $0) == 1 }
    }

    /// Points a reference at a commit, wherever it was.
    func move(_ reference: String, to commit: git_oid) throws(GitFailure) {
        _ = try Handle(git_reference_free) { made in
            withUnsafePointer(to: commit) { git_reference_create(&made, repository.pointer, reference, $0, 1, nil) }
        }
    }

    /// Follows a source: its reference names this from now on. Throws `GIT_EPEEL` where that is no commit.
    func follow(_ tip: Tip, by reference: MirrorReference) throws(GitFailure) {
        guard let tag = tip.tag else { return try move(reference.name, to: tip.id) }
        try move(reference.followed(tag), to: tip.id)
        _ = try Handle(git_reference_free) {
            git_reference_symbolic_create(
                &$0, repository.pointer, reference.name, reference.followed(tag), 1, nil)
        }
    }

    /// The tag that a source follows now; nil where it follows a branch or was never fetched.
    func tag(of reference: MirrorReference) -> String? {
        let found = try? Handle(git_reference_free) { git_reference_lookup(&$0, repository.pointer, reference.name) }
        guard let found, let target = git_reference_symbolic_target(found.pointer) else { return nil }
        return reference.tag(of: String(cString: target))
    }

    /// The commit that an id names by itself or through tags.
    func peeled(_ id: git_oid) throws(GitFailure) -> git_oid {
        let object = try Handle(git_object_free) { made in
            withUnsafePointer(to: id) { git_object_lookup(&made, repository.pointer, $0, GIT_OBJECT_ANY) }
        }
        let commit = try Handle(git_object_free) { git_object_peel(&$0, object.pointer, GIT_OBJECT_COMMIT) }
        guard let id = git_object_id(commit.pointer) else { throw GitFailure(code: -1) }
        return id.pointee
    }

    /// Whether the history of a commit holds another. Where that cannot be told it does not.
    func contains(_ commit: git_oid, _ other: git_oid) -> Bool {
        withUnsafePointer(to: commit) { commit in
            withUnsafePointer(to: other) { git_graph_descendant_of(repository.pointer, commit, $0) == 1 }
        }
    }

    /// A commit that must be there.
    func commit(_ id: git_oid) throws(GitFailure) -> Handle {
        try check(id, isAtMost: 16 << 20)
        return try Handle(git_commit_free) { made in
            withUnsafePointer(to: id) { git_commit_lookup(&made, repository.pointer, $0) }
        }
    }

    /// A tree that must be there.
    func tree(_ id: git_oid) throws(GitFailure) -> Handle {
        try check(id, isAtMost: 64 << 20)
        return try Handle(git_tree_free) { made in
            withUnsafePointer(to: id) { git_tree_lookup(&made, repository.pointer, $0) }
        }
    }

    /// The library reads a commit or a folder whole, whatever its size.
    private func check(_ id: git_oid, isAtMost limit: Int) throws(GitFailure) {
        let objects = try Handle(git_odb_free) { git_repository_odb(&$0, repository.pointer) }
        var (size, kind, id) = (0, GIT_OBJECT_INVALID, id)
        try LibGit.check(git_odb_read_header(&size, &kind, objects.pointer, &id))
        guard size <= limit else {
            throw GitFailure(
                category: GIT_ERROR_OBJECT,
                message: "\(id.hex) has \(Bytes.text(size)), more than the \(Bytes.text(limit)) of a commit or a folder"
            )
        }
    }

    /// Reads a commit and its root folder, so that what a truncated file took away is missed now and not later.
    func verify(_ id: git_oid) throws(GitFailure) {
        let commit = try commit(peeled(id))
        guard let root = git_commit_tree_id(commit.pointer) else { throw GitFailure(code: -1) }
        _ = try tree(root.pointee)
    }
}
