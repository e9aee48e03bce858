import CLibGit2

/// Stands between a server and the library's indexer, through which the mirror gets every pack: sees all of it first.
final class PackGuard {
    private let inspector: PackInspector
    private let packs: String
    /// Why the pack was not taken; nil where nothing was wrong with it.
    private(set) var failure: GitFailure?

    private init(_ limits: ReceiveLimits, packs: String) {
        inspector = PackInspector(limits)
        self.packs = packs
    }

    /// Puts a guard in place for the next pack that this mirror is sent.
    static func place(before mirror: Mirror, limits: ReceiveLimits) throws(GitFailure) -> PackGuard {
        let objects = try Handle(git_odb_free) { git_repository_odb(&$0, mirror.repository.pointer) }
        let made = PackGuard(limits, packs: mirror.packs)
        let backend = UnsafeMutablePointer<reconcile_guard_backend>.allocate(capacity: 1)
        backend.initialize(to: reconcile_guard_backend())
        git_odb_init_backend(&backend.pointee.parent, UInt32(GIT_ODB_BACKEND_VERSION))
        backend.pointee.guard = Unmanaged.passRetained(made).toOpaque()
        backend.pointee.parent.writepack = { made, backend, objects, progress, payload in
            guard let backend, let owner = PackGuard.of(backend) else { return -1 }
            return owner.open(made, backend, objects, progress, payload)
        }
        backend.pointee.parent.free = { backend in
            UnsafeMutableRawPointer(backend)?.withMemoryRebound(to: reconcile_guard_backend.self, capacity: 1) {
                if let guarding = $0.pointee.guard { Unmanaged<PackGuard>.fromOpaque(guarding).release() }
                $0.deallocate()
            }
        }
        let parent = UnsafeMutableRawPointer(backend).assumingMemoryBound(to: git_odb_backend.self)
        // The first that takes packs gets them; the library's own have 1 and 2.
        let result = git_odb_add_backend(objects.pointer, parent, 100)
        if result < 0 { backend.pointee.parent.free(parent) }
        try LibGit.check(result)
        return made
    }

    private static func of(_ backend: UnsafeMutablePointer<git_odb_backend>) -> PackGuard? {
        UnsafeMutableRawPointer(backend).assumingMemoryBound(to: reconcile_guard_backend.self).pointee.guard
            .map { Unmanaged<PackGuard>.fromOpaque($0).takeUnretainedValue() }
    }

    private func open(
        _ made: UnsafeMutablePointer<UnsafeMutablePointer<git_odb_writepack>?>?,
        _ backend: UnsafeMutablePointer<git_odb_backend>, _ objects: OpaquePointer?,
        _ progress: git_indexer_progress_cb?, _ payload: UnsafeMutableRawPointer?
    ) -> Int32 {
        var options = git_indexer_options()
        git_indexer_options_init(&options, UInt32(GIT_INDEXER_OPTIONS_VERSION))
        options.progress_cb = progress
        options.progress_cb_payload = payload
        var indexer: OpaquePointer?
        let result = git_indexer_new(&indexer, packs, 0, objects, &options)
        guard result == 0 else { return result }
        let pack = UnsafeMutablePointer<reconcile_guard_pack>.allocate(capacity: 1)
        pack.initialize(to: reconcile_guard_pack())
        pack.pointee.indexer = indexer
        pack.pointee.guard = Unmanaged.passRetained(self).toOpaque()
        pack.pointee.parent.backend = backend
        pack.pointee.parent.append = { pack, bytes, count, stats in
            PackGuard.with(pack) { $0.append($1, UnsafeRawBufferPointer(start: bytes, count: count), stats) }
        }
        pack.pointee.parent.commit = { pack, stats in
            PackGuard.with(pack) { $0.checked(git_indexer_commit($1, stats)) }
        }
        pack.pointee.parent.free = { pack in
            guard let pack else { return }
            let own = UnsafeMutableRawPointer(pack).assumingMemoryBound(to: reconcile_guard_pack.self)
            git_indexer_free(own.pointee.indexer)
            if let guarding = own.pointee.guard { Unmanaged<PackGuard>.fromOpaque(guarding).release() }
            own.deallocate()
        }
        made?.pointee = UnsafeMutableRawPointer(pack).assumingMemoryBound(to: git_odb_writepack.self)
        return 0
    }

    private static func with(
        _ pack: UnsafeMutablePointer<git_odb_writepack>?, _ body: (PackGuard, OpaquePointer) -> Int32
    ) -> Int32 {
        guard let pack else { return -1 }
        let own = UnsafeMutableRawPointer(pack).assumingMemoryBound(to: reconcile_guard_pack.self).pointee
        guard let guarding = own.guard, let indexer = own.indexer else { return -1 }
        return body(Unmanaged<PackGuard>.fromOpaque(guarding).takeUnretainedValue(), indexer)
    }

    private func append(
        _ indexer: OpaquePointer, _ bytes: UnsafeRawBufferPointer, _ stats: UnsafeMutablePointer<git_indexer_progress>?
    ) -> Int32 {
        do throws(PackRefusal) { try inspector.take(bytes) } catch {
            failure = GitFailure(refused: error)
            git_error_set_str(Int32(GIT_ERROR_CALLBACK.rawValue), "the pack was refused")
            return -1
        }
        return checked(git_indexer_append(indexer, bytes.baseAddress, bytes.count, stats))
    }

    /// What the indexer finds wrong came so from the server, if it is not for lack of room or of what we should have.
    private func checked(_ result: Int32) -> Int32 {
        guard result < 0 else { return result }
        let found = GitFailure(code: result)
        let isOurs = found.isStorage || found.isNoRoom || found.message.contains("missing delta bases")
        failure = isOurs ? found : GitFailure(refused: .damaged(found.message))
        return result
    }
}
