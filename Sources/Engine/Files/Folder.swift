import Glibc
import Model
import Processes

/// The few acts on folders that materialising needs, with errors that name the place.
enum Folder {
    static func error(_ act: String, _ path: String) -> SourceError {
        let cause = String(cString: strerror(errno))
        return SourceError(
            .storage, "cannot \(act) \(path): \(cause)", advice: "make room or make the state folder writable")
    }

    static func create(_ path: String) throws(SourceError) {
        guard mkdir(path, 0o700) != 0 else { return }
        guard errno == EEXIST else { throw error("create", path) }
    }

    /// Whether a folder is there. One that is gets a new time now and then, so that it never grows older than `fresh`
    /// while it is asked for.
    static func isUsed(_ path: String, fresh: TimeSpan) -> Bool {
        guard let age = age(path) else { return false }
        if age.milliseconds > fresh.milliseconds / 6 { utimensat(AT_FDCWD, path, nil, 0) }
        return true
    }

    static func isOlder(_ path: String, than limit: TimeSpan) -> Bool { age(path).map { $0 > limit } ?? false }

    private static func age(_ path: String) -> TimeSpan? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return WallClock.now() - Timestamp(milliseconds: Int64(status.st_mtim.tv_sec) * 1000)
    }

    /// Writes one file below `root`; the path was checked when the manifests were read, and is checked again here.
    static func write(_ bytes: [UInt8], to root: String, path: String, mode: mode_t) throws(SourceError) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.isEmpty, parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && !$0.contains("\0") }) else {
            throw SourceError(
                .configuration, "the path \(VisibleText.line(path)) cannot be written", advice: "rename the file")
        }
        var folder = root
        for part in parts.dropLast() {
            folder += "/" + part
            try create(folder)
        }
        let target = root + "/" + path
        let descriptor = open(target, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw error("create", target) }
        defer { close(descriptor) }
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw error("write", target) }
            done += count
        }
        guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else { throw error("finish", target) }
    }

    /// Makes every folder read-only and its entries durable.
    static func seal(_ root: String) throws(SourceError) {
        for folder in folders(below: root) {
            let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { throw error("open", folder) }
            defer { close(descriptor) }
            guard fchmod(descriptor, 0o555) == 0, fsync(descriptor) == 0 else { throw error("finish", folder) }
        }
    }

    /// Removes a tree; links in it are removed, never followed. Nothing to do where there is none.
    static func remove(_ root: String) throws(SourceError) {
        guard access(root, F_OK) == 0 else { return }
        for folder in folders(below: root).reversed() {
            chmod(folder, 0o700)
            for name in Folders.names(in: folder) ?? [] where rmdir(folder + "/" + name) != 0 {
                unlink(folder + "/" + name)
            }
        }
        guard rmdir(root) == 0 else { throw error("remove", root) }
    }

    private static func folders(below root: String) -> [String] {
        var found = [root]
        var next = 0
        while next < found.count {
            let folder = found[next]
            next += 1
            for name in Folders.names(in: folder) ?? [] {
                var status = stat()
                let path = folder + "/" + name
                if lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR { found.append(path) }
            }
        }
        return found
    }
}
