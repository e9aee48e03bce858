import DriverKit
import FoundationEssentials
import Glibc
import Processes

/// A folder for lists of host keys, in the state folder where that can be written, else in /tmp. It is this process's as
/// long as the process holds the kernel's lock on it: by that the next one tells what a killed one left, and takes it away.
final class ListFolder: Sendable {
    let path: String
    private let lock: Int32

    private init(path: String, lock: Int32) {
        self.path = path
        self.lock = lock
    }

    deinit { close(lock) }

    /// Makes a new one, and takes away what nobody has any more.
    static func make(state: String) throws(DriverFailure) -> ListFolder {
        var places = [("/tmp", "reconcile-ssh-")]
        if isFolder(state) {
            mkdir(state + "/ssh", 0o700)
            places.insert((state + "/ssh", "lists-"), at: 0)
        }
        var reasons: [String] = []
        for (root, prefix) in places {
            sweep(root, prefix)
            // Another one may sweep it away before it is locked.
            for _ in 0..<10 {
                guard let path = newFolder("\(root)/\(prefix)XXXXXX") else {
                    reasons.append("\(root): \(String(cString: strerror(errno)))")
                    break
                }
                let lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                if lock >= 0, flock(lock, LOCK_SH | LOCK_NB) == 0, access(path, F_OK) == 0 {
                    return ListFolder(path: path, lock: lock)
                }
                if lock >= 0 { close(lock) }
            }
        }
        throw DriverFailure(
            "no folder for lists of host keys can be made (\(reasons.joined(separator: "; "))): make one of them writable"
        )
    }

    /// Whether it is still there, and nobody else's: others clean up in /tmp, too.
    var isThere: Bool { Self.isFolder(path, ofOurs: true) }

    /// Takes it away with all that is in it.
    func remove() { try? FileManager.default.removeItem(atPath: path) }

    private static func sweep(_ root: String, _ prefix: String) {
        for name in Folders.names(in: root) ?? [] where name.hasPrefix(prefix) {
            let path = root + "/" + name
            guard isFolder(path, ofOurs: true) else { continue }
            let lock = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard lock >= 0 else { continue }
            if flock(lock, LOCK_EX | LOCK_NB) == 0 { try? FileManager.default.removeItem(atPath: path) }
            close(lock)
        }
    }

    private static func isFolder(_ path: String, ofOurs: Bool = false) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && (!ofOurs || status.st_uid == geteuid())
            && (status.st_mode & S_IFMT == S_IFDIR || (!ofOurs && status.st_mode & S_IFMT == S_IFLNK))
    }

    private static func newFolder(_ form: String) -> String? {
        var template = Array(form.utf8CString)
        guard mkdtemp(&template) != nil else { return nil }
        return template.withUnsafeBufferPointer { buffer in
            String(decoding: buffer.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
