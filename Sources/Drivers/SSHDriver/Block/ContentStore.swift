import Crypto
import DriverKit
import Glibc
import Model
import Processes
import Synchronization

/// What the source's files hash to, and the text of those that are templates, by the id of their content: each is read once.
final class ContentStore: Sendable {
    struct Entry: Sendable {
        var size: Int
        var sum: String
        var holdsNUL: Bool
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var texts: [String: [UInt8]] = [:]
    }

    private let state = Mutex(State())

    /// Templates are at most so many bytes.
    private static let longestTemplate = 1 << 20

    /// Reads what is not known yet, on a thread of its own.
    func load(_ targets: [InstanceTarget]) async {
        var missing: [String: String] = [:]
        state.withLock { state in
            for target in targets {
                for file in target.deployable.files where state.entries[file.id] == nil && missing[file.id] == nil {
                    missing[file.id] = target.folder + "/" + file.path
                }
                for file in target.before?.deployable.files ?? [] where state.entries[file.id] == nil {
                    if missing[file.id] == nil, let before = target.before {
                        missing[file.id] = before.folder + "/" + file.path
                    }
                }
            }
        }
        guard !missing.isEmpty else { return }
        let wanted = missing
        await OwnThread.run { [self] in
            for (id, path) in wanted {
                if let entry = Self.entry(path) { state.withLock { $0.entries[id] = entry } }
            }
        }
    }

    /// Reads the templates that are not known yet, on a thread of its own.
    func loadTemplates(_ paths: [String: String]) async {
        let missing = state.withLock { state in paths.filter { state.texts[$0.key] == nil } }
        guard !missing.isEmpty else { return }
        await OwnThread.run { [self] in
            for (id, path) in missing {
                if let bytes = Self.read(path, limit: Self.longestTemplate) { state.withLock { $0.texts[id] = bytes } }
            }
        }
    }

    func content(of file: SourceFile, in folder: String) throws(DriverFailure) -> Content {
        guard let entry = state.withLock({ $0.entries[file.id] }) else {
            throw DriverFailure("\(file.path) of the source could not be read")
        }
        return Content(
            origin: .file(folder + "/" + file.path), size: entry.size, sum: entry.sum, holdsNUL: entry.holdsNUL)
    }

    func template(_ file: SourceFile) throws(DriverFailure) -> [UInt8] {
        guard let text = state.withLock({ $0.texts[file.id] }) else {
            throw DriverFailure("\(file.path) of the source could not be read as a template: it may have 1 MiB at most")
        }
        return text
    }

    static func content(_ bytes: [UInt8], holdsSecret: Bool) -> Content {
        Content(
            origin: .bytes(bytes), size: bytes.count, sum: SHA256.hash(data: bytes).hex,
            holdsNUL: bytes.contains(0), holdsSecret: holdsSecret)
    }

    /// The whole file, where it is not longer than that.
    static func read(_ path: String, limit: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        let isWhole = eachPiece(path) { piece in
            bytes += piece
            return bytes.count <= limit
        }
        return isWhole ? bytes : nil
    }

    private static func entry(_ path: String) -> Entry? {
        var hash = SHA256()
        var entry = Entry(size: 0, sum: "", holdsNUL: false)
        let isWhole = eachPiece(path) { piece in
            hash.update(bufferPointer: UnsafeRawBufferPointer(piece))
            entry.size += piece.count
            if !entry.holdsNUL { entry.holdsNUL = piece.contains(0) }
            return true
        }
        guard isWhole else { return nil }
        entry.sum = hash.finalize().hex
        return entry
    }

    private static func eachPiece(_ path: String, _ take: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count == 0 { return true }
            guard count > 0 else { return false }
            let goesOn = buffer.withUnsafeBufferPointer { take(UnsafeBufferPointer(rebasing: $0[..<count])) }
            if !goesOn { return false }
        }
    }
}

extension SHA256.Digest {
    /// 64 hex digits.
    var hex: String {
        let table = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [table[Int($0 >> 4)], table[Int($0 & 15)]] }, as: UTF8.self)
    }
}
