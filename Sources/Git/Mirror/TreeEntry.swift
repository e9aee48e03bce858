import CLibGit2
import Model

/// One entry of a folder.
struct TreeEntry {
    var id: git_oid
    var mode: git_filemode_t

    init(id: git_oid, mode: git_filemode_t) {
        self.id = id
        self.mode = mode
    }

    /// The entry's name with its parts, copied out of the tree that owns it.
    init?(_ entry: OpaquePointer) {
        guard let id = git_tree_entry_id(entry) else { return nil }
        self.id = id.pointee
        mode = git_tree_entry_filemode(entry)
    }

    var isFolder: Bool { mode == GIT_FILEMODE_TREE }

    /// What it is, where it is no folder.
    var kind: SourceFile.Kind {
        switch mode {
        case GIT_FILEMODE_BLOB_EXECUTABLE: .executable
        case GIT_FILEMODE_LINK: .symlink
        case GIT_FILEMODE_COMMIT: .submodule
        default: .file
        }
    }
}
