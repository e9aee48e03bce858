import CLibGit2
import Model

/// Collects what some commits need and the mirror does not have. A folder that the mirror has is not opened, because the
/// mirror has all that is in it too: so the cost follows the change, not the repository.
struct NewObjects {
    private let source: Handle
    private let known: Handle
    private let pack: Handle
    private var seen: Set<String> = []

    /// From `source` into `pack`, without what `mirror` has.
    init(source: Handle, mirror: Mirror, pack: Handle) throws(GitFailure) {
        self.source = source
        self.pack = pack
        known = try Handle(git_odb_free) { git_repository_odb(&$0, mirror.repository.pointer) }
    }

    /// Adds every commit of a walk.
    mutating func insert(_ walk: Handle) throws(GitFailure) {
        var id = git_oid()
        while git_revwalk_next(&id, walk.pointer) == 0 {
            try LibGit.check(git_packbuilder_insert(pack.pointer, &id, nil))
            let commit = try Handle(git_commit_free) { git_commit_lookup(&$0, source.pointer, &id) }
            guard let root = git_commit_tree_id(commit.pointer) else { throw GitFailure(code: -1) }
            try insert(folder: root.pointee, name: "")
        }
    }

    private mutating func insert(folder id: git_oid, name: String) throws(GitFailure) {
        var id = id
        guard !has(&id), seen.insert(id.hex).inserted else { return }
        try LibGit.check(git_packbuilder_insert(pack.pointer, &id, name))
        let tree = try Handle(git_tree_free) { git_tree_lookup(&$0, source.pointer, &id) }
        for index in 0..<git_tree_entrycount(tree.pointer) {
            guard let item = git_tree_entry_byindex(tree.pointer, index), var entry = TreeEntry(item) else { continue }
            let name = git_tree_entry_name(item)
            if entry.isFolder {
                try insert(folder: entry.id, name: name.map { String(cString: $0) } ?? "")
            } else if entry.kind != .submodule, !has(&entry.id) {
                try LibGit.check(git_packbuilder_insert(pack.pointer, &entry.id, name))
            }
        }
    }

    /// Without looking for new packs each time that something is not there.
    private func has(_ id: inout git_oid) -> Bool {
        git_odb_exists_ext(known.pointer, &id, GIT_ODB_LOOKUP_NO_REFRESH.rawValue) == 1
    }
}
