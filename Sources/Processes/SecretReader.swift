import Glibc
import Model

/// Reads the values of secrets, just before they are needed.
package enum SecretReader {
    /// The most that a secret's file may hold, in bytes.
    package static let limit = 65_536

    /// Reads one. A file's name is absolute, the file a regular one; one trailing newline is dropped.
    package static func read(_ reference: SecretReference) throws(SecretError) -> Secret {
        func fail(_ reason: String) -> SecretError { SecretError(reference: reference, reason: reason) }
        var bytes: [UInt8]
        switch reference {
        case .environment(let name):
            guard let value = getenv(name) else {
                throw fail("is not set; set it in the environment that reconcile is started with")
            }
            bytes = Array(UnsafeRawBufferPointer(start: value, count: strlen(value)))
            guard bytes.count <= limit else { throw fail("is longer than 64 KiB") }
        case .file(let path):
            guard path.hasPrefix("/") else { throw fail("is not named by an absolute path") }
            do throws(Unreadable) { bytes = try contents(of: path) } catch { throw fail(error.reason) }
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        }
        guard !bytes.contains(0) else { throw fail("holds a NUL byte, which no variable and no command can carry") }
        return Secret(bytes)
    }

    private struct Unreadable: Error {
        var reason: String
    }

    private static func contents(of path: String) throws(Unreadable) -> [UInt8] {
        // Non-blocking, so that a named pipe is refused below and not waited for here.
        let file = Descriptor(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY))
        guard file.raw >= 0 else { throw Unreadable(reason: "cannot be opened: \(String(cString: strerror(errno)))") }
        var status = stat()
        guard fstat(file.raw, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Unreadable(reason: "is not a regular file")
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: limit + 1)
        while bytes.count <= limit {
            let count = Glibc.read(file.raw, &buffer, buffer.count)
            if count == 0 { return bytes }
            guard count > 0 else { throw Unreadable(reason: "cannot be read: \(String(cString: strerror(errno)))") }
            bytes.append(contentsOf: buffer.prefix(count))
        }
        throw Unreadable(reason: "is longer than 64 KiB")
    }
}
