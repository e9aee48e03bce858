import FoundationEssentials
import Glibc

/// The files of an ssh configuration, so far as to see what it speaks of at all. Blocks its thread.
struct SSHConfigurationFiles: Hashable, Sendable {
    /// The first words of all lines, in small letters.
    private(set) var keywords: Set<String> = []
    /// Which files were read, and how old and long each was.
    private var stamps: [String] = []

    private static let deepest = 5
    private static let largest = 1 << 20

    /// Those that ssh reads: the named one alone, else the user's own and the system's.
    init(_ config: String?) {
        let user = Self.home + "/.ssh"
        if let config {
            read(config, in: user, depth: 0)
        } else {
            read(user + "/config", in: user, depth: 0)
            read("/etc/ssh/ssh_config", in: "/etc/ssh", depth: 0)
        }
    }

    private mutating func read(_ path: String, in folder: String, depth: Int) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= Self.largest,
            let data = FileManager.default.contents(atPath: path)
        else { return }
        stamps.append("\(path) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_size) \(status.st_ino)")
        for line in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let words = line.split { $0.isWhitespace || $0 == "=" || $0 == "\"" }
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            keywords.insert(first.lowercased())
            guard first.lowercased() == "include", depth < Self.deepest else { continue }
            for word in words.dropFirst() {
                let pattern =
                    word.hasPrefix("~/")
                    ? Self.home + word.dropFirst() : word.hasPrefix("/") ? String(word) : "\(folder)/\(word)"
                for path in Self.paths(pattern) { read(path, in: folder, depth: depth + 1) }
            }
        }
    }

    /// ssh goes by the system's own account of its users.
    private static var home: String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(geteuid(), &entry, &buffer, buffer.count, &found) == 0, found != nil,
            let folder = entry.pw_dir
        else { return "/" }
        return String(cString: folder)
    }

    private static func paths(_ pattern: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { index in found.gl_pathv[index].map { String(cString: $0) } }
    }
}
