import Glibc
import Model
import Synchronization

/// The right to write to a state folder: a lock on `<folder>/lock` that the kernel releases when its holder dies, and
/// that no child inherits past its start.
package final class StateLock: Sendable {
    /// Whether the holder before did not release it: it was killed, or the machine went down.
    package let wasUnclean: Bool
    private let descriptor: Mutex<Int32?>

    private init(descriptor: Int32, wasUnclean: Bool) {
        self.descriptor = Mutex(descriptor)
        self.wasUnclean = wasUnclean
    }

    deinit { release() }

    /// Takes the lock and makes the folder where there is none. `command` is shown to others: no credentials in it.
    /// Throws `StoreError`: `.locked` with the holder's name, `.full`, `.readOnly`, `.io`.
    package static func acquire(folder: String, command: String) throws(StoreError) -> StateLock {
        try StateFolder.make(folder)
        let path = folder + "/lock"
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw StateFolder.failure(errno, path) }
        do throws(StoreError) {
            try lock(file, path: path, folder: folder)
            let wasUnclean = !text(of: file).isEmpty
            try write("\(getpid())\n\(VisibleText.line(command, limit: 200))\n", to: file, path: path)
            return StateLock(descriptor: file, wasUnclean: wasUnclean)
        } catch {
            close(file)
            throw error
        }
    }

    /// Who holds the lock of a folder; nil where nobody does, or where it cannot be seen.
    package static func holder(of folder: String) -> LockHolder? {
        let file = open(folder + "/lock", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return nil }
        defer { close(file) }
        guard flock(file, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return nil }
        return parse(text(of: file))
    }

    /// Gives the lock back, cleanly. Doing it again does nothing.
    package func release() {
        descriptor.withLock { descriptor in
            guard let file = descriptor else { return }
            _ = ftruncate(file, 0)
            close(file)
            descriptor = nil
        }
    }

    /// `holder(of:)` holds a shared lock for an instant, so one refusal proves nothing yet.
    private static func lock(_ file: Int32, path: String, folder: String) throws(StoreError) {
        for _ in 0..<10 {
            if flock(file, LOCK_EX | LOCK_NB) == 0 { return }
            guard errno == EWOULDBLOCK || errno == EINTR else { throw StateFolder.failure(errno, path) }
            usleep(10_000)
        }
        throw .locked(by: parse(text(of: file)), folder: folder)
    }

    /// Written over what is there before it is cut, so that a full disk does not lose the mark of the holder before.
    private static func write(_ text: String, to file: Int32, path: String) throws(StoreError) {
        let bytes = Array(text.utf8)
        guard pwrite(file, bytes, bytes.count, 0) == bytes.count, ftruncate(file, off_t(bytes.count)) == 0 else {
            throw StateFolder.failure(errno, path)
        }
    }

    private static func text(of file: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = pread(file, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    private static func parse(_ text: String) -> LockHolder? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 2, let pid = Int32(lines[0]) else { return nil }
        return LockHolder(pid: pid, command: String(lines[1]))
    }
}
