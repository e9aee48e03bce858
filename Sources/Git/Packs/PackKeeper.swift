import CLibGit2
import Glibc
import Processes

/// Keeps the number of packs small: each fetch adds one. Every object stays, those of commits that a force-push took
/// away too, so that a rollback finds them. Only small packs are joined, so that the work is bounded.
struct PackKeeper {
    let mirror: Mirror
    let folder: MirrorFolder
    /// Above this many packs the small ones are joined.
    var limit = 16
    /// Packs of this many bytes or more are left as they are.
    var largest = 16 << 20

    private var packs: String { folder.path + "/objects/pack" }

    /// Joins the small packs into one where there are too many. Only under the lock. Readers that have the old ones
    /// open go on reading them; others look again and find the new one.
    func tidy() throws(GitFailure) {
        let all = (Folders.names(in: packs) ?? []).filter { $0.hasSuffix(".idx") }.map { String($0.dropLast(4)) }
        guard all.count > limit else { return }
        let small = worthJoining(all.map { ($0, size("\(packs)/\($0).pack")) })
        guard small.count > 1 else { return }
        let builder = try Handle(git_packbuilder_free) { git_packbuilder_new(&$0, mirror.repository.pointer) }
        try insert(objectsOf: small, into: builder)
        try LibGit.check(git_packbuilder_write(builder.pointer, packs, 0, nil, nil))
        let joined = git_packbuilder_name(builder.pointer).map { "pack-" + String(cString: $0) }
        guard let joined, size("\(packs)/\(joined).idx") > 0 else { return }
        for name in small where name != joined {
            // The index first: a pack without one is no pack.
            unlink("\(packs)/\(name).idx")
            unlink("\(packs)/\(name).pack")
        }
    }

    /// The small packs without those that outweigh all smaller ones together: what is copied again and again stays
    /// small beside what was fetched since.
    private func worthJoining(_ packs: [(name: String, size: Int)]) -> [String] {
        var joined = packs.filter { $0.size < largest }.sorted { ($0.size, $0.name) < ($1.size, $1.name) }
        var total = joined.reduce(0) { $0 + $1.size }
        while joined.count > limit / 2, let last = joined.last, last.size > total - last.size {
            total -= last.size
            joined.removeLast()
        }
        return joined.map(\.name)
    }

    private func insert(objectsOf names: [String], into builder: Handle) throws(GitFailure) {
        let objects = try Handle(git_odb_free) { git_odb_new(&$0) }
        for name in names {
            var backend: UnsafeMutablePointer<git_odb_backend>?
            try LibGit.check(git_odb_backend_one_pack(&backend, "\(packs)/\(name).idx"))
            try LibGit.check(git_odb_add_backend(objects.pointer, backend, 1))
        }
        try LibGit.check(
            git_odb_foreach(
                objects.pointer, { id, builder in git_packbuilder_insert(OpaquePointer(builder), id, nil) },
                UnsafeMutableRawPointer(builder.pointer)))
    }

    private func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}
