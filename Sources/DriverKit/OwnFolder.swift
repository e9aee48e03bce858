import FoundationEssentials
import Glibc
import Processes

/// A new folder for what must be in files for a while. It is this process's as long as the process holds the kernel's lock on
/// it: by that the next one tells what a killed one left, and takes it away.
package final class OwnFolder: Sendable {
    /// Only this user gets in.
    package let path: String
    private let lock: Int32

    private init(path: String, lock: Int32) {
        self.path = path
        self.lock = lock
    }

    deinit { close(lock) }

    /// Makes one in the first of these `places` that can be written, and takes away what nobody has any more of those whose
    /// names begin alike. Throws where there is none; `purpose` is what it is for.
    package static func make(
        for purpose: String, in places: [(root: String, prefix: String)]
    ) throws(DriverFailure) -> OwnFolder {
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
                    return OwnFolder(path: path, lock: lock)
                }
                if lock >= 0 { close(lock) }
            }
        }
        throw DriverFailure(
            "no folder for \(purpose) can be made (\(reasons.joined(separator: "; "))): make \(places.count > 1 ? "one of them" : "it") writable"
        )
    }

    /// Whether it is still there, and nobody else's: others clean up in /tmp, too.
    package var isThere: Bool { Self.isOurs(path) }

    /// Takes it away with all that is in it.
    package func remove() { try? FileManager.default.removeItem(atPath: path) }

    private static func sweep(_ root: String, _ prefix: String) {
        for name in Folders.names(in: root) ?? [] where name.hasPrefix(prefix) {
            let path = root + "/" + name
            guard isOurs(path) else { continue }
            let lock = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard lock >= 0 else { continue }
            if flock(lock, LOCK_EX | LOCK_NB) == 0 { try? FileManager.default.removeItem(atPath: path) }
            close(lock)
        }
    }

    private static func isOurs(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_uid == geteuid() && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func newFolder(_ form: String) -> String? {
        var template = Array(form.utf8CString)
        guard mkdtemp(&template) != nil else { return nil }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
