import CLibGit2
import Glibc
import Processes

/// A look at a reference of a repository on this machine that costs no process and no library: two small files.
/// Whatever is unusual is left to the worker.
enum LocalTip {
    /// The commit a reference names, 40 hex digits; nil where that cannot be told at a glance.
    static func read(repository path: String, reference: String) -> String? {
        let isPlain = reference.split(separator: "/", omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") && !$0.contains("\0") }
        guard isPlain else { return nil }
        for folder in [path + "/.git", path] where access(folder + "/HEAD", F_OK) == 0 {
            if access(folder + "/shallow", F_OK) == 0 { return nil }
            let loose = folder + "/" + reference
            if access(loose, F_OK) == 0 { return content(loose).flatMap { id($0) } }
            let ending = " " + reference
            return content(folder + "/packed-refs")?.split(separator: "\n")
                .first { $0.hasSuffix(ending) && $0.utf8.count == 40 + ending.utf8.count }
                .flatMap { id($0.prefix(40)) }
        }
        return nil
    }

    /// The names of all tags; nil where they cannot be told at a glance.
    static func tags(repository path: String) -> Set<String>? {
        guard let folder = [path + "/.git", path].first(where: { access($0 + "/HEAD", F_OK) == 0 }) else { return nil }
        var names: Set<String> = []
        if access(folder + "/packed-refs", F_OK) == 0 {
            guard let packed = content(folder + "/packed-refs") else { return nil }
            for line in packed.split(separator: "\n") where line.dropFirst(40).hasPrefix(" refs/tags/") {
                names.insert(String(line.dropFirst(51)))
            }
        }
        return collect(folder + "/refs/tags", "", depth: 0, into: &names) ? names : nil
    }

    private static func collect(_ root: String, _ prefix: String, depth: Int, into names: inout Set<String>) -> Bool {
        for name in Folders.names(in: root + "/" + prefix) ?? [] {
            guard names.count < 100_000, depth < 10 else { return false }
            var status = stat()
            guard stat("\(root)/\(prefix)\(name)", &status) == 0 else { return false }
            if status.st_mode & S_IFMT == S_IFDIR {
                guard collect(root, prefix + name + "/", depth: depth + 1, into: &names) else { return false }
            } else if !name.hasSuffix(".lock") {
                names.insert(prefix + name)
            }
        }
        return true
    }

    private static func id(_ text: some StringProtocol) -> String? {
        let digits = text.hasSuffix("\n") ? String(text.dropLast()) : String(text)
        return git_oid(hex: digits) == nil ? nil : digits
    }

    private static func content(_ path: String) -> String? {
        // Non-blocking and regular files only: a named pipe in a hostile repository would hold us up for ever.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= 1 << 20 else {
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
