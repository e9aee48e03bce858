import CLibGit2
import Model

/// One fetch, in the worker: asks for the branch's newest commit, and downloads only if the mirror has another.
struct Fetch {
    let request: FetchRequest
    let folder: MirrorFolder
    let address: RepositoryAddress
    let errors: FetchErrors
    /// Told where it is.
    let report: (FetchPhase) -> Void

    /// Throws `.configuration` and `.unsupported`.
    init(_ request: FetchRequest, report: @escaping (FetchPhase) -> Void) throws(SourceError) {
        address = try RepositoryAddress(request.address)
        try BranchName.check(request.branch)
        self.request = request
        self.report = report
        folder = MirrorFolder(state: request.stateFolder)
        errors = FetchErrors(shown: address.shown, branch: request.branch, token: request.token)
    }

    /// Brings the mirror up to date.
    func run() throws(SourceError) {
        try folder.make()
        if try !update() { try rebuild() }
    }

    /// False where there is no mirror that could be brought up to date.
    private func update() throws(SourceError) -> Bool {
        guard let mirror = sound() else { return false }
        let remote = try connect(mirror)
        let tip = try remote.tip()
        if let known = known(in: mirror), known == tip { return true }
        report(.waiting)
        let lock = try MirrorLock(folder)
        defer { withExtendedLifetime(lock) {} }
        // While this one waited another fetch may have brought the same commit, or a whole new mirror.
        guard let mirror = sound() else { return false }
        let known = known(in: mirror)
        if let known, known == tip { return true }
        folder.sweep()
        report(.downloading)
        do {
            try remote.download(tip, known: known, into: mirror)
            try mirror.verify(tip)
            try mirror.move(request.reference, to: tip)
        } catch {
            guard error.isDamage else { throw errors.translate(error) }
            folder.markDamaged()
            return false
        }
        report(.tidying)
        try? PackKeeper(mirror: mirror, folder: folder).tidy()
        return true
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
            let tip = try remote.tip()
            report(.downloading)
            do {
                try remote.download(tip, known: nil, into: mirror)
                try mirror.verify(tip)
                try mirror.move(request.reference, to: tip)
            } catch {
                throw errors.translate(error)
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

    /// The commit that the mirror has of this branch, if it can be read.
    private func known(in mirror: Mirror) -> git_oid? {
        guard let tip = try? mirror.tip(request.reference), (try? mirror.verify(tip)) != nil else { return nil }
        return tip
    }

    private func connect(_ mirror: Mirror) throws(SourceError) -> any Remote {
        report(.connecting)
        switch address.kind {
        case .local(let path): return try LocalRemote(path: path, request: request, errors: errors)
        case .network(let url, let isHTTP):
            return try NetworkRemote(url: url, isHTTP: isHTTP, request: request, errors: errors, mirror: mirror)
        }
    }
}
