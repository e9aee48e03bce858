import Glibc
import Model

/// Held by the one fetch that writes a mirror; the kernel gives it free when its holder dies.
struct MirrorLock: ~Copyable {
    private let descriptor: Int32

    /// Waits for its turn; who waits too long is ended by its deadline. Throws `.storage`.
    init(_ folder: MirrorFolder) throws(SourceError) {
        descriptor = open(folder.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw folder.storage("open", folder.lock) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                let error = folder.storage("lock", folder.lock)
                close(descriptor)
                throw error
            }
        }
    }

    deinit { close(descriptor) }
}
