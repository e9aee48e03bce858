import Model
import Synchronization

/// A git repository as a source: a mirror in the state folder, brought up to date by a worker process.
package final class GitSource: Source {
    private let configuration: GitSourceConfiguration
    private let checked: Result<Checked, SourceError>
    private let restraint = Mutex(Restraint())
    private let memory = TransportMemory()
    private let credentials = CredentialMemory()

    /// What follows from a configuration that can be used.
    private struct Checked {
        var address: RepositoryAddress
        var path: [String]
        var reader: MirrorReader
        var reference: MirrorReference
    }

    /// Touches nothing yet. A configuration that cannot be used is thrown by every call.
    package init(_ configuration: GitSourceConfiguration) {
        self.configuration = configuration
        do throws(SourceError) {
            let address = try RepositoryAddress(configuration.address)
            guard let path = SourcePath.parts(configuration.path) else {
                throw SourceError(
                    .configuration, "the path \(VisibleText.line(configuration.path)) leads out of the repository",
                    advice: "give a folder of the repository with --path")
            }
            checked = .success(
                Checked(
                    address: address, path: path,
                    reader: MirrorReader(
                        folder: MirrorFolder(state: configuration.stateFolder), shown: address.shown,
                        thread: configuration.threads.next()),
                    reference: MirrorReference(address: configuration.address, following: configuration.following)))
        } catch {
            checked = .failure(error)
        }
    }

    /// See `Source`. A repository on this machine where what is followed did not move costs no worker. A server that wants
    /// to be left alone is not asked.
    package func fetch() async throws(SourceError) -> Revision {
        let source = try checked.get()
        if case .local(let path) = source.address.kind,
            let revision = await source.reader.unchanged(
                source.reference, repository: path, following: configuration.following)
        {
            return revision
        }
        if let error = restraint.withLock({ $0.error(at: .now) }) { throw error }
        do {
            let revision = try await fetchAnew(source)
            restraint.withLock { $0 = Restraint() }
            return revision
        } catch {
            throw restraint.withLock { $0.heed(error, at: .now) }
        }
    }

    /// A mirror that turns out to be damaged is built anew at once, within the same deadline.
    private func fetchAnew(_ source: Checked) async throws(SourceError) -> Revision {
        async let _ = source.reader.prepare()
        let process = FetchProcess(
            configuration: configuration, address: source.address, memory: memory, credentials: credentials)
        let deadline = ContinuousClock.now + configuration.timeout.duration
        let notes = try await process.run(deadline: deadline)
        do {
            if var revision = try await source.reader.head(source.reference) {
                revision.notes = notes
                revision.transport = memory.use.map { "fetched by " + $0.text }
                return revision
            }
        } catch  where error.code == .corrupt {
            _ = try await process.run(deadline: deadline)
            if var revision = try await source.reader.head(source.reference) {
                revision.transport = memory.use.map { "fetched by " + $0.text }
                return revision
            }
        }
        throw SourceError(
            .failed, "the fetch of \(source.address.shown) left no revision in the mirror",
            advice: "look for another program that changes the state folder")
    }

    /// Whether a repository's address is one that ssh leads to.
    package static func isOverSSH(_ address: String) -> Bool {
        if case .ssh? = (try? RepositoryAddress(address))?.kind { return true }
        return false
    }

    /// What spoke to the server last, and why; nil before the first fetch, and where there is no server.
    package var transport: TransportUse? { memory.use }

    /// See `Source`.
    package func head() async throws(SourceError) -> Revision? {
        let source = try checked.get()
        return try await source.reader.head(source.reference)
    }

    /// See `Source`.
    package func revision(_ name: String) async throws(SourceError) -> Revision {
        try await checked.get().reader.revision(name)
    }

    /// See `Source`.
    package func tree(at commit: String) async throws(SourceError) -> any SourceTree {
        let source = try checked.get()
        let root = try await source.reader.root(of: commit, folder: source.path)
        return GitTree(
            reader: source.reader, root: root, prefix: source.path.map { $0 + "/" }.joined(),
            rootName: source.path.last ?? source.address.name)
    }
}
