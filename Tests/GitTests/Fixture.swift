import Git
import Model
import Processes
import TestSupport

/// A repository and a state folder of one test's own.
struct Fixture: Sendable {
    let folder: String
    let repository: TestRepository

    var state: String { folder + "/state" }

    /// A source over the repository's path, or over another address.
    func source(
        _ address: String? = nil, branch: String = "main", following: SourceReference? = nil, path: String = "",
        state: String? = nil, timeout: TimeSpan = .seconds(120), over transport: Transport? = nil,
        access: GitAccess = GitAccess(), environment: [String: String] = [:], worker: String = TestBinary.path,
        workers: FetchWorkers? = nil, limits: ReceiveLimits = ReceiveLimits()
    ) -> GitSource {
        var configuration = GitSourceConfiguration(
            address: address ?? repository.path, following: following ?? .branch(branch), path: path,
            stateFolder: state ?? self.state, timeout: timeout, access: access,
            environment: environment.merging(["PATH": "/usr/bin:/bin"]) { own, _ in own },
            workers: workers ?? FetchWorkers(executable: worker, runner: ProcessRunner()))
        configuration.access.transport = transport ?? access.transport
        configuration.limits = limits
        return GitSource(configuration)
    }

    /// Makes a repository `source/repo` with one commit.
    static func with(
        _ files: [String: String] = ["staging/environment.yaml": "kind: Environment\n"],
        _ body: @Sendable (Fixture) async throws -> Void
    ) async throws {
        try await TemporaryFolder.with { folder in
            let repository = try await TestRepository.create(at: folder + "/source/repo")
            try await repository.commit(files, message: "First")
            try await body(Fixture(folder: folder, repository: repository))
        }
    }
}

/// The error that a call throws; nil where it throws none.
func failure(_ body: () async throws(SourceError) -> Void) async -> SourceError? {
    do {
        try await body()
        return nil
    } catch {
        return error
    }
}

extension GitSource {
    /// The error that a fetch throws; nil where it throws none.
    func fetchFailure() async -> SourceError? {
        await failure { () async throws(SourceError) in _ = try await fetch() }
    }
}
