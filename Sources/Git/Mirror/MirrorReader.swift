import CLibGit2
import Model
import Processes

/// Everything that is read from the mirror. All objects of the library live here, on one thread.
actor MirrorReader {
    private let executor: ThreadExecutor
    private let folder: MirrorFolder
    private let shown: String
    private var open: (mirror: Mirror, identity: UInt64)?
    /// What repeated passes over the same commit ask again, by the id of the source's folder.
    private var environments: [String: [EnvironmentFolder]] = [:]

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// `shown` is the repository's address for messages.
    init(folder: MirrorFolder, shown: String, thread: ThreadExecutor) {
        executor = thread
        self.folder = folder
        self.shown = shown
    }

    /// The commit a reference names; nil where nothing was fetched yet.
    func head(_ reference: MirrorReference) throws(SourceError) -> Revision? {
        guard folder.identity != nil else { return nil }
        let mirror = try mirror()
        return try reading { () throws(GitFailure) -> Revision? in
            guard let tip = try mirror.tip(reference.name) else { return nil }
            let commit = try mirror.commit(mirror.peeled(tip))
            if let root = git_commit_tree_id(commit.pointer) { _ = try mirror.tree(root.pointee) }
            var revision = Revision(commit)
            revision.tag = mirror.tag(of: reference)
            return revision
        }
    }

    /// The commit a reference names, if the mirror is sound and a repository on this machine has the same one.
    func unchanged(
        _ reference: MirrorReference, repository path: String, following: SourceReference
    ) -> Revision? {
        let (theirs, ours): (String, String)
        switch following {
        case .branch(let name): (theirs, ours) = ("refs/heads/" + name, reference.name)
        case .tag(let rule):
            guard let tag = LocalTip.tags(repository: path).flatMap({ rule.newest(of: $0) }) else { return nil }
            (theirs, ours) = ("refs/tags/" + tag, reference.followed(tag))
        }
        guard !folder.isDamaged, let tip = LocalTip.read(repository: path, reference: theirs),
            tip == LocalTip.read(repository: folder.path, reference: ours), let head = try? head(reference),
            head.tag.map({ reference.followed($0) == ours }) ?? (head.commit == tip)
        else { return nil }
        return head
    }

    /// Opens what will be read, while somebody waits for something else.
    func prepare() {
        guard open == nil, let identity = folder.identity, let mirror = try? Mirror(at: folder.path) else { return }
        open = (mirror, identity)
    }

    /// A commit by its id or the beginning of one. Throws `.revisionMissing`.
    func revision(_ name: String) throws(SourceError) -> Revision { Revision(try commit(name)) }

    /// The id of a folder's tree in a commit. Throws `.revisionMissing`, and `.configuration` where the commit has no
    /// such folder.
    func root(of commit: String, folder path: [String]) throws(SourceError) -> String {
        let commit = try self.commit(commit)
        let mirror = try mirror()
        let found = try reading { () throws(GitFailure) -> TreeEntry? in
            guard let root = git_commit_tree_id(commit.pointer) else { throw GitFailure(code: -1) }
            return try TreeWalk(mirror, root: root.pointee).entry(at: path)
        }
        if let found, found.isFolder { return found.id.hex }
        throw SourceError(
            .configuration,
            "commit \(Revision(commit).short) of \(shown) has no folder \(VisibleText.line(path.joined(separator: "/")))",
            advice: "correct --path, or put the folder back")
    }

    /// See `SourceTree.environments`; `name` is that of a root folder that is an environment itself.
    func environments(root: String, name: String, known: Set<String>) throws(SourceError) -> [EnvironmentFolder] {
        if let found = environments[root] { return found }
        let found = try walking(root) { walk throws(WalkFailure) in try walk.environments(rootName: name, known: known)
        }
        if environments.count >= 8 { environments.removeAll() }
        environments[root] = found
        return found
    }

    /// See `SourceTree.files`.
    func files(root: String, under path: String, limit: Int) throws(SourceError) -> [SourceFile] {
        guard let parts = SourcePath.parts(path) else { return [] }
        return try walking(root) { walk throws(WalkFailure) in try walk.files(under: parts, limit: limit) }
    }

    /// See `SourceTree.ids`.
    func ids(root: String, at paths: [String]) throws(SourceError) -> [String: String] {
        try walking(root) { walk throws(WalkFailure) in
            var ids: [String: String] = [:]
            for path in paths {
                guard let parts = SourcePath.parts(path) else { continue }
                if let entry = try walk.entry(orThrow: parts) { ids[path] = entry.id.hex }
            }
            return ids
        }
    }

    /// See `SourceTree.contents`.
    func contents(of files: [SourceFile], maxSize: Int) throws(SourceError) -> [[UInt8]] {
        let mirror = try mirror()
        let objects = try reading { () throws(GitFailure) in
            try Handle(git_odb_free) { git_repository_odb(&$0, mirror.repository.pointer) }
        }
        var contents: [[UInt8]] = []
        contents.reserveCapacity(files.count)
        for file in files {
            guard file.kind == .file || file.kind == .executable, var id = git_oid(hex: file.id) else {
                throw SourceError(
                    .unsupported, "\(VisibleText.line(file.path)) is a \(file.kind.rawValue), which is never read",
                    advice: "put a plain file in its place")
            }
            let size = try reading { () throws(GitFailure) -> Int in
                var size = 0
                var type = GIT_OBJECT_INVALID
                try LibGit.check(git_odb_read_header(&size, &type, objects.pointer, &id))
                return size
            }
            guard size <= maxSize else {
                throw SourceError(
                    .tooLarge,
                    "\(VisibleText.line(file.path)) has \(size) bytes, more than the \(maxSize) that are allowed",
                    advice: "make the file smaller")
            }
            contents.append(
                try reading { () throws(GitFailure) -> [UInt8] in
                    let object = try Handle(git_odb_object_free) { git_odb_read(&$0, objects.pointer, &id) }
                    let start = git_odb_object_data(object.pointer)
                    return Array(UnsafeRawBufferPointer(start: start, count: git_odb_object_size(object.pointer)))
                })
        }
        return contents
    }

    private func commit(_ name: String) throws(SourceError) -> Handle {
        let missing = SourceError(
            .revisionMissing, "there is no commit \(VisibleText.line(name, limit: 80)) in the mirror of \(shown)",
            advice: "give at least 4 digits of the id of a commit that this branch had")
        let isHex = name.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x66).contains($0) || (0x41...0x46).contains($0)
        }
        guard (4...40).contains(name.utf8.count), isHex, folder.identity != nil else { throw missing }
        let mirror = try mirror()
        do {
            var id = git_oid()
            try LibGit.check(git_oid_fromstrn(&id, name, name.utf8.count))
            return try Handle(git_commit_free) {
                git_commit_lookup_prefix(&$0, mirror.repository.pointer, &id, name.utf8.count)
            }
        } catch {
            if error.isNotFound { throw missing }
            if error.code == GIT_EAMBIGUOUS.rawValue {
                throw SourceError(
                    .revisionMissing, "\(VisibleText.line(name)) begins the id of more than one object",
                    advice: "give more digits of the commit's id")
            }
            throw translated(error)
        }
    }

    private func walking<R>(
        _ root: String, _ body: (TreeWalk) throws(WalkFailure) -> R
    ) throws(SourceError) -> R {
        guard let id = git_oid(hex: root) else { throw translated(GitFailure(code: -1)) }
        do {
            return try body(TreeWalk(try mirror(), root: id))
        } catch let error as WalkFailure {
            switch error {
            case .source(let error): throw error
            case .library(let failure): throw translated(failure)
            }
        } catch let error as SourceError {
            throw error
        } catch {
            throw SourceError(.failed, "\(error)", advice: "")
        }
    }

    private func reading<R>(_ body: () throws(GitFailure) -> R) throws(SourceError) -> R {
        do {
            return try body()
        } catch {
            throw translated(error)
        }
    }

    /// The mirror that is in place now: a fetch may have put a new one there.
    private func mirror() throws(SourceError) -> Mirror {
        let identity = folder.identity ?? 0
        if let open, open.identity == identity { return open.mirror }
        do {
            let mirror = try Mirror(at: folder.path)
            open = (mirror, identity)
            return mirror
        } catch {
            open = nil
            throw translated(error)
        }
    }

    private func translated(_ failure: GitFailure) -> SourceError {
        let words = VisibleText.line(failure.message, limit: 300)
        if failure.isStorage {
            return SourceError(
                .storage, "the mirror in \(VisibleText.line(folder.state)) cannot be read: \(words)",
                advice: "give this user the right to read the state folder")
        }
        if failure.isMalformed {
            return SourceError(
                .unsupported, "\(shown) holds an object that cannot be read: \(words)",
                advice: "run `git fsck` in that repository and make the commit anew")
        }
        // The mirror holds everything that its references need, so whatever is missing or unreadable is damage.
        folder.markDamaged()
        open = nil
        return SourceError(
            .corrupt, "the mirror of \(shown) in \(VisibleText.line(folder.state)) is damaged: \(words)",
            advice: "nothing needs to be done: the next fetch builds a new one")
    }
}
