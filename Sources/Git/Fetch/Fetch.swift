import CLibGit2
import Model

/// One fetch, in the worker: asks for the newest commit of what is followed, and downloads only if the mirror has another.
struct Fetch {
    let request: FetchRequest
    let folder: MirrorFolder
    let address: RepositoryAddress
    let errors: FetchErrors
    let connector: Connector
    /// Told where it is.
    let report: (FetchPhase) -> Void

    /// Throws `.configuration` and `.unsupported`.
    init(_ request: FetchRequest, report: @escaping (FetchPhase) -> Void) throws(SourceError) {
        address = try RepositoryAddress(request.address)
        if case .branch(let name) = request.following { try BranchName.check(name) }
        self.request = request
        self.report = report
        folder = MirrorFolder(state: request.stateFolder)
        errors = FetchErrors(
            shown: address.shown, asUser: request.access.token != nil,
            secrets: request.access.secrets)
        connector = Connector(request: request, address: address, errors: errors)
    }

    /// Brings the mirror up to date. Returns what there is to know of it, a sentence each.
    func run() throws(SourceError) -> [String] {
        try folder.make()
        if let notes = try update() { return notes }
        try rebuild()
        return []
    }

    /// Nil where there is no mirror that could be brought up to date.
    private func update() throws(SourceError) -> [String]? {
        guard let mirror = sound() else { return nil }
        let remote = try connect(mirror)
        let tip = try Tip.find(
            request.following, last: mirror.tag(of: request.reference), in: remote, errors: errors)
        if isUpToDate(mirror, tip) { return [] }
        report(.waiting)
        let lock = try MirrorLock(folder)
        defer { withExtendedLifetime(lock) {} }
        // While this one waited another fetch may have brought the same commit, or a whole new mirror.
        guard let mirror = sound() else { return nil }
        if isUpToDate(mirror, tip) { return [] }
        let known = known(in: mirror)
        let notes: [String]
        folder.sweep()
        report(.downloading)
        do {
            try remote.download(tip, known: known.flatMap { try? mirror.peeled($0) }, into: mirror)
            notes = try follow(tip, known: known, in: mirror)
        } catch {
            guard error.isDamage else { throw translate(error, tip) }
            folder.markDamaged()
            return nil
        }
        report(.tidying)
        try? PackKeeper(mirror: mirror, folder: folder).tidy()
        return notes
    }

    /// Fetches into a new mirror beside the old one, which stays until the new one is complete.
    private func rebuild() throws(SourceError) {
        report(.waiting)
        let lock = try MirrorLock(folder)
        defer { withExtendedLifetime(lock) {} }
        try folder.remove(folder.fresh)
        do throws(SourceError) {
            let mirror = try fresh()
            let remote = try connect(mirror)
            let tip = try Tip.find(request.following, last: nil, in: remote, errors: errors)
            report(.downloading)
            do {
                try remote.download(tip, known: nil, into: mirror)
                _ = try follow(tip, known: nil, in: mirror)
            } catch {
                throw translate(error, tip)
            }
        } catch {
            try? folder.remove(folder.fresh)
            throw error
        }
        try folder.swap()
    }

    private func sound() -> Mirror? {
        folder.isDamaged ? nil : try? Mirror(at: folder.path)
    }

    private func fresh() throws(SourceError) -> Mirror {
        do {
            return try Mirror(creatingAt: folder.fresh)
        } catch {
            throw SourceError(
                .storage, "cannot create a mirror in \(VisibleText.line(folder.state)): \(error.message)",
                advice: "make room and give this user the right to write there")
        }
    }

    /// Points the source's reference at what was brought. Returns what is odd about it.
    private func follow(_ tip: Tip, known: git_oid?, in mirror: Mirror) throws(GitFailure) -> [String] {
        let commit = try mirror.peeled(tip.id)
        try mirror.verify(commit)
        var notes: [String] = []
        if let tag = tip.tag {
            if let old = (try? mirror.tip(request.reference.followed(tag))).flatMap({ try? mirror.peeled($0) }),
                old.hex != commit.hex
            {
                notes.append("tag \(shown(tag)) of \(address.shown) moved from \(old.hex) to \(commit.hex)")
            }
        } else if let known, known.hex != commit.hex, !mirror.contains(commit, known) {
            notes.append(
                "\(request.following.shown) of \(address.shown) moved from \(known.hex) to \(commit.hex), "
                    + "which does not contain it: its history was rewritten")
        }
        try mirror.follow(tip, by: request.reference)
        return notes
    }

    private func shown(_ name: String) -> String { VisibleText.line(name, limit: 200) }

    private func translate(_ failure: GitFailure, _ tip: Tip) -> SourceError {
        [GIT_EPEEL.rawValue, GIT_EINVALIDSPEC.rawValue].contains(failure.code) && tip.tag != nil
            ? errors.noCommit(tip) : errors.translate(failure)
    }

    private func isUpToDate(_ mirror: Mirror, _ tip: Tip) -> Bool {
        guard let known = known(in: mirror) else { return false }
        return known == tip.id && mirror.tag(of: request.reference) == tip.tag
    }

    /// What the mirror has of this source, a commit or a tag's own object, if it can be read.
    private func known(in mirror: Mirror) -> git_oid? {
        guard let tip = try? mirror.tip(request.reference.name), (try? mirror.verify(tip)) != nil else { return nil }
        return tip
    }

    private func connect(_ mirror: Mirror) throws(SourceError) -> any Remote {
        report(.connecting)
        return try connector.open(mirror)
    }
}
