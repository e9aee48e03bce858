import Glibc

/// A file descriptor that is closed with its last reference.
final class Descriptor: Sendable {
    /// The number; -1 is none.
    let raw: Int32

    init(_ raw: Int32) { self.raw = raw }

    deinit { if raw >= 0 { close(raw) } }
}
