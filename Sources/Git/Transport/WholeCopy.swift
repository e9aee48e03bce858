import CLibGit2
import Glibc
import Processes

/// Brings the whole of a repository on this machine into an empty mirror: its packs as they are, indexed anew, and what is loose
/// in one more. To pack what one branch needs takes many times as long, because the library looks for deltas anew.
struct WholeCopy {
    let source: Handle
    let mirror: Mirror
    var limits = ReceiveLimits()
    /// Of more loose objects than this, a pack is not made quickly.
    private let mostLoose = 5000

    private var objects: String { String(cString: git_repository_commondir(source.pointer)) + "objects" }

    /// False where it cannot be done so, for whatever reason; then the mirror is as empty as it was.
    func run() -> Bool {
        if isBrought() { return true }
        for name in Folders.names(in: mirror.packs) ?? [] { unlink("\(mirror.packs)/\(name)") }
        return false
    }

    private func isBrought() -> Bool {
        guard access(objects + "/info/alternates", F_OK) != 0, let packs = packs(), !packs.isEmpty, let loose = loose(),
            packs.allSatisfy({ take($0) }), pack(loose)
        else { return false }
        // Where it was packed anew meanwhile, what was not seen yet may be in a pack that was not there.
        return self.packs() == packs
    }

    /// The paths of all packs; nil where they are too large or somewhere else.
    private func packs() -> [String]? {
        guard let names = Folders.names(in: objects + "/pack"), !names.contains(where: { $0.hasSuffix(".promisor") })
        else { return nil }
        let packs = names.filter { $0.hasPrefix("pack-") && $0.hasSuffix(".pack") }.sorted()
            .map { "\(objects)/pack/\($0)" }
        var total = 0
        for pack in packs {
            var status = stat()
            guard lstat(pack, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            total += Int(status.st_size)
        }
        return total <= limits.received ? packs : nil
    }

    private func loose() -> [git_oid]? {
        var loose: [git_oid] = []
        for folder in Folders.names(in: objects) ?? [] where folder.utf8.count == 2 {
            for name in Folders.names(in: "\(objects)/\(folder)") ?? [] {
                if let id = git_oid(hex: folder + name) { loose.append(id) }
            }
            guard loose.count <= mostLoose else { return nil }
        }
        return loose
    }

    /// Indexes one pack, which checks all that is in it, while it is copied.
    private func take(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard let indexer = try? Handle(git_indexer_free, { git_indexer_new(&$0, mirror.packs, 0, nil, nil) }) else {
            return false
        }
        let inspector = PackInspector(limits)
        var progress = git_indexer_progress()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            guard (try? inspector.take(bytes)) != nil,
                git_indexer_append(indexer.pointer, bytes.baseAddress, count, &progress) == 0
            else { return false }
        }
        return git_indexer_commit(indexer.pointer, &progress) == 0
    }

    private func pack(_ loose: [git_oid]) -> Bool {
        guard !loose.isEmpty else { return true }
        guard let pack = try? Handle(git_packbuilder_free, { git_packbuilder_new(&$0, source.pointer) }) else {
            return false
        }
        for var id in loose where git_packbuilder_insert(pack.pointer, &id, nil) != 0 { return false }
        return git_packbuilder_write(pack.pointer, mirror.packs, 0, nil, nil) == 0
    }
}
