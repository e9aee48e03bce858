import Glibc
import Model
import Processes

/// A folder in the making, beside the one that it becomes, under a name that nobody else has. The kernel drops the lock
/// on it when its holder dies: so what a killed process left is told from what another is just writing.
struct Draft: ~Copyable {
    let path: String
    private let descriptor: Int32

    /// Begins an empty one.
    static func begin(of folder: String) throws(SourceError) -> Draft {
        while true {
            let path = name(for: folder)
            try Folder.create(path)
            let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            let isLocked = descriptor >= 0 && flock(descriptor, LOCK_SH) == 0
            let code = errno
            if isLocked && access(path, F_OK) == 0 { return Draft(path: path, descriptor: descriptor) }
            if descriptor >= 0 { close(descriptor) }
            // Somebody swept it away before it was locked: once more.
            guard isLocked || code == ENOENT else {
                errno = code
                throw Folder.error("lock", path)
            }
        }
    }

    deinit { close(descriptor) }

    /// Takes the folder's place; false where another has it already. Throws where neither is so.
    func finish(as folder: String) throws(SourceError) -> Bool {
        if rename(path, folder) == 0 { return true }
        let code = errno
        if access(folder, F_OK) == 0 { return false }
        errno = code
        throw Folder.error("rename", path)
    }

    /// Takes a finished folder away: it gets the name of a draft first, so that nobody ever finds the half of it.
    static func remove(_ folder: String) {
        let path = name(for: folder)
        if rename(folder, path) == 0 { try? Folder.remove(path) }
    }

    /// Removes what killed processes left.
    static func sweep(_ root: String) {
        for name in Folders.names(in: root) ?? [] where isDraft(name) {
            let path = root + "/" + name
            let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { try? Folder.remove(path) }
            close(descriptor)
        }
    }

    /// Keys of finished folders are hexadecimal.
    static func isDraft(_ name: String) -> Bool { name.contains(".") }

    private static func name(for folder: String) -> String {
        "\(folder).\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    }
}
