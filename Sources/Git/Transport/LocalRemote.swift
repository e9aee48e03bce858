import CLibGit2
import Model

/// A repository on this machine, read directly: no server process, no list of all its branches. The first fetch takes its
/// packs as they are; after that only what the followed branch or tag needs is copied (the library's own local transport
/// packs every branch and tag, every time).
struct LocalRemote: Remote {
    private let repository: Handle
    private let errors: FetchErrors

    /// Throws `.repositoryMissing` or `.unsupported`.
    init(path: String, errors: FetchErrors) throws(SourceError) {
        self.errors = errors
        do {
            repository = try Handle(git_repository_free) {
                git_repository_open_ext(&$0, path, GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue, nil)
            }
        } catch {
            throw errors.opening(error)
        }
        guard git_repository_is_shallow(repository.pointer) == 0 else { throw errors.shallow }
    }

    func id(of name: String) throws(SourceError) -> git_oid? {
        var id = git_oid()
        let result = git_reference_name_to_id(&id, repository.pointer, name)
        if result == 0 { return id }
        let failure = GitFailure(code: result)
        guard failure.isNotFound else { throw errors.translate(failure) }
        return nil
    }

    func download(_ tip: Tip, known: git_oid?, into mirror: Mirror) throws(GitFailure) {
        let isFirst = known == nil && !mirror.hasPacks
        if isFirst, WholeCopy(source: repository, mirror: mirror).run(), mirror.has(tip.id) { return }
        let walk = try Handle(git_revwalk_free) { git_revwalk_new(&$0, repository.pointer) }
        var id = tip.id
        try LibGit.check(git_revwalk_push(walk.pointer, &id))
        // After a force-push and a collection of garbage the old commit may be gone there; then everything is copied.
        if var known { git_revwalk_hide(walk.pointer, &known) }
        let pack = try Handle(git_packbuilder_free) { git_packbuilder_new(&$0, repository.pointer) }
        if isFirst {
            try LibGit.check(git_packbuilder_insert_walk(pack.pointer, walk.pointer))
        } else {
            var objects = try NewObjects(source: repository, mirror: mirror, pack: pack)
            try objects.insert(walk)
        }
        try insertTags(id, into: pack)
        guard git_packbuilder_object_count(pack.pointer) > 0 else { return }
        try LibGit.check(
            git_packbuilder_write(pack.pointer, mirror.packs, 0, nil, nil))
    }

    func names() throws(SourceError) -> [String] {
        var list = git_strarray()
        do { try LibGit.check(git_reference_list(&list, repository.pointer)) } catch { throw errors.translate(error) }
        defer { git_strarray_dispose(&list) }
        return (0..<list.count).compactMap { list.strings[$0].map { String(cString: $0) } }
    }

    /// Adds the objects of tags that stand between a reference and its commit.
    private func insertTags(_ id: git_oid, into pack: Handle) throws(GitFailure) {
        var id = id
        while true {
            let object = try Handle(git_object_free) { git_object_lookup(&$0, repository.pointer, &id, GIT_OBJECT_ANY) }
            guard git_object_type(object.pointer) == GIT_OBJECT_TAG, let target = git_tag_target_id(object.pointer)
            else { return }
            try LibGit.check(git_packbuilder_insert(pack.pointer, &id, nil))
            id = target.pointee
        }
    }
}
