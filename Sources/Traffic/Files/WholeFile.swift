import Glibc
import Model
import Processes

/// A small file that another program reads: always whole, the old text or the new.
struct WholeFile: Sendable {
    let path: String

    /// The most that is read, in bytes.
    private static let limit = 4_194_304

    init(_ path: String) { self.path = path }

    /// Its text; nil where there is none.
    func read() async throws(TrafficError) -> String? {
        try await OwnThread.run { [self] in Result { () throws(TrafficError) in try readNow() } }.get()
    }

    /// Replaces it. Owner and mode stay what they are; a new file can be read by all.
    func write(_ text: String) async throws(TrafficError) {
        try await OwnThread.run { [self] in Result { () throws(TrafficError) in try writeNow(text) } }.get()
    }

    /// When it was last written.
    func time() async -> timespec? {
        await OwnThread.run { [path] in
            var status = stat()
            return stat(path, &status) == 0 ? status.st_mtim : nil
        }
    }

    /// Sets when it was last written; nil for now.
    func touch(_ time: timespec?) async {
        await OwnThread.run { [path] in
            guard let time else { return _ = utimensat(AT_FDCWD, path, nil, 0) }
            _ = utimensat(AT_FDCWD, path, [time, time], 0)
        }
    }

    func readNow() throws(TrafficError) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("cannot be read")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw TrafficError("\(shown) is not a regular file")
        }
        guard status.st_size <= WholeFile.limit else { throw TrafficError("\(shown) is larger than 4 MiB") }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= WholeFile.limit {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            guard count > 0 else { throw failure("cannot be read") }
            bytes.append(contentsOf: buffer.prefix(count))
        }
        throw TrafficError("\(shown) is larger than 4 MiB")
    }

    func writeNow(_ text: String) throws(TrafficError) {
        // A link is followed: what it leads to is replaced, not the link.
        let name = Folders.real(path) ?? path
        let folder = name.lastIndex(of: "/").map { String(name[...$0]) } ?? "./"
        let temporary = folder + ".reconcile-" + String(UInt64.random(in: .min ... .max), radix: 36)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("cannot be written") }
        defer { close(descriptor) }
        var status = stat()
        let isNew = stat(name, &status) != 0
        var isWritten = fchmod(descriptor, isNew ? 0o644 : status.st_mode & 0o7777) == 0
        // Only root may give a file away; without that right the file was ours already.
        if !isNew { isWritten = (fchown(descriptor, status.st_uid, status.st_gid) == 0 || geteuid() != 0) && isWritten }
        var bytes = Array(text.utf8)[...]
        while isWritten, !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { bytes = bytes.dropFirst(count) } else { isWritten = false }
        }
        guard isWritten, fsync(descriptor) == 0, rename(temporary, name) == 0 else {
            let error = failure("cannot be written")
            unlink(temporary)
            throw error
        }
        let parent = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if parent >= 0 {
            fsync(parent)
            close(parent)
        }
    }

    private var shown: String { VisibleText.line(path, limit: 200) }

    private func failure(_ what: String) -> TrafficError {
        TrafficError("\(shown) \(what): \(String(cString: strerror(errno)).lowercased())")
    }
}
