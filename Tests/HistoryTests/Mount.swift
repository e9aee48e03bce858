import Glibc

/// A file system that is mounted for one test.
final class Mount {
    private let path: String

    /// Mounts; where that is not allowed, says why and gives nil.
    init?(_ source: String, on path: String, type: String? = nil, flags: Int = 0, options: String = "") {
        guard mount(source, path, type, UInt(flags), options) == 0 else {
            print("skipped: mounting is not allowed here (\(String(cString: strerror(errno))))")
            return nil
        }
        self.path = path
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }

    /// Makes a bind mount read-only.
    func makeReadOnly() -> Bool {
        mount("none", path, nil, UInt(MS_REMOUNT | MS_BIND | MS_RDONLY), nil) == 0
    }
}
