import FoundationEssentials
import Git
import Glibc
import Model
import Testing
import TestSupport

@Suite struct LocalFetchTests {
    @Test func fetchesTheNewestCommit() async throws {
        try await Fixture.with { fixture in
            let source = fixture.source()
            #expect(try await source.head() == nil)
            let first = try await source.fetch()
            #expect(try await fixture.repository.head() == first.commit)
            #expect(first.subject == "First")
            #expect(first.author == "Test Author <author@example.com>")
            #expect(first.committedAt.iso8601 == "2026-01-02T03:04:05.000Z")
            #expect(try await source.fetch() == first)
            let second = try await fixture.repository.commit(["a": "1"], message: "Second\n\nmore")
            #expect(try await source.head() == first)
            #expect(try await source.fetch().commit == second)
            #expect(try await source.head()?.subject == "Second")
            #expect(try await source.revision(first.short) == first)
        }
    }

    @Test func readsFileAddressesAndBareRepositories() async throws {
        try await Fixture.with { fixture in
            try await fixture.repository.git("clone", "--quiet", "--bare", ".", fixture.folder + "/with space.git")
            let head = try await fixture.repository.head()
            #expect(try await fixture.source("file://\(fixture.folder)/with%20space.git").fetch().commit == head)
            #expect(try await fixture.source(fixture.folder + "/with space.git").fetch().commit == head)
        }
    }

    @Test func checksNothingOut() async throws {
        try await Fixture.with { fixture in
            _ = try await fixture.source().fetch()
            let names = try FileManager.default.subpathsOfDirectory(atPath: fixture.state)
            #expect(!names.isEmpty)
            #expect(!names.contains { $0.hasSuffix("environment.yaml") })
        }
    }

    @Test func copiesOnlyTheBranchAndOnlyOnce() async throws {
        try await Fixture.with { fixture in
            try await fixture.repository.branch("other")
            let other = try await fixture.repository.commit(["big": "other"], message: "Other")
            let source = fixture.source()
            _ = try await source.fetch()
            #expect(
                await failure { () async throws(SourceError) in _ = try await source.revision(other) }?.code
                    == .revisionMissing)
            let packs = fixture.state + "/mirror/objects/pack"
            let before = try FileManager.default.contentsOfDirectory(atPath: packs).sorted()
            _ = try await source.fetch()
            #expect(try FileManager.default.contentsOfDirectory(atPath: packs).sorted() == before)
        }
    }

    @Test func acceptsAForcePushAndKeepsTheOldCommit() async throws {
        try await Fixture.with { fixture in
            let source = fixture.source()
            let old = try await source.fetch()
            let new = try await fixture.repository.rewrite(["b": "2"])
            #expect(try await source.fetch().commit == new)
            #expect(try await source.revision(old.commit) == old)
            try await fixture.repository.git("reset", "--quiet", "--hard", old.commit)
            #expect(try await source.fetch().commit == old.commit)
        }
    }

    @Test func namesTheBranchesThatAreThere() async throws {
        try await Fixture.with { fixture in
            let first = try await fixture.source().fetch()
            for name in ["one", "two", "three", "four", "five"] { try await fixture.repository.branch(name) }
            try await fixture.repository.git("branch", "--quiet", "-D", "main")
            let error = await fixture.source().fetchFailure()
            #expect(error?.code == .branchMissing)
            #expect(error?.message == "\(fixture.repository.path) has no branch main")
            #expect(
                error?.advice
                    == "push it again or give another one with --branch; there are five, four, one, three, two")
            #expect(try await fixture.source().head() == first)
            let typo = await fixture.source(branch: "twoo").fetchFailure()
            #expect(typo?.advice.contains("there are two,") == true)
        }
    }

    @Test func refusesWhatIsNoBranchName() async throws {
        try await Fixture.with { fixture in
            for name in ["--upload-pack=touch x", "", "a..b", "a b", "x\ny", "-", "a\0b", "x.lock"] {
                let error = await fixture.source(branch: name).fetchFailure()
                #expect(error?.code == .configuration, "\(name)")
                #expect(error?.message.contains("is not a branch name") == true)
            }
            #expect(
                await fixture.source(branch: "--upload-pack=x").fetchFailure()?.message.contains("--upload-pack=x")
                    == true)
        }
    }

    @Test func namesEachKindOfRepositoryItCannotRead() async throws {
        try await Fixture.with { fixture in
            let nowhere = await fixture.source(fixture.folder + "/nowhere").fetchFailure()
            #expect(nowhere?.code == .repositoryMissing)
            #expect(nowhere?.message == "there is no git repository at \(fixture.folder)/nowhere")
            #expect(await fixture.source(fixture.folder).fetchFailure()?.code == .repositoryMissing)

            _ = try await TestRepository.create(at: fixture.folder + "/empty")
            let empty = await fixture.source(fixture.folder + "/empty").fetchFailure()
            #expect(empty?.code == .branchMissing)
            #expect(
                empty?.description
                    == "\(fixture.folder)/empty is empty: it has no branch main; push a first commit to main")

            try await fixture.repository.commit(message: "Second")
            try await fixture.repository.git(
                "clone", "--quiet", "--depth=1", "file://" + fixture.repository.path, fixture.folder + "/shallow")
            let shallow = await fixture.source(fixture.folder + "/shallow").fetchFailure()
            #expect(shallow?.code == .unsupported)
            #expect(shallow?.message.contains("shallow") == true)

            let modern = try await TestRepository.create(at: fixture.folder + "/modern", format: "sha256")
            try await modern.commit(["a": "1"])
            let sha256 = await fixture.source(modern.path).fetchFailure()
            #expect(sha256?.code == .unsupported)
            #expect(sha256?.message.contains("SHA-256") == true)
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func readsARepositoryOfAnotherUser() async throws {
        try await Fixture.with { fixture in
            let head = try await fixture.repository.head()
            chown(fixture.repository.path, 1234, 1234)
            chown(fixture.repository.path + "/.git", 1234, 1234)
            #expect(try await fixture.source().fetch().commit == head)
        }
    }

    @Test func saysWhereItCannotWrite() async throws {
        try await Fixture.with { fixture in
            try fixture.repository.write(["file": "no folder"])
            let error = await fixture.source(state: fixture.repository.path + "/file/state").fetchFailure()
            #expect(error?.code == .storage)
            #expect(error?.message.contains("file/state") == true)
        }
    }

    @Test func anotherAddressHasAnotherHead() async throws {
        try await Fixture.with { fixture in
            _ = try await fixture.source().fetch()
            let other = try await TestRepository.create(at: fixture.folder + "/other")
            let commit = try await other.commit(["x": "y"], message: "Elsewhere")
            #expect(try await fixture.source(other.path).head() == nil)
            #expect(try await fixture.source(other.path).fetch().commit == commit)
            #expect(try await fixture.source().head()?.subject == "First")
        }
    }

    @Test func manyFetchesAtOnceAgree() async throws {
        try await Fixture.with { fixture in
            let head = try await fixture.repository.head()
            let commits = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<6 { group.addTask { try await fixture.source().fetch().commit } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(commits == Array(repeating: head, count: 6))
        }
    }

    @Test(arguments: [false, true])
    func needsNoWorkerWhereNothingMoved(_ isPacked: Bool) async throws {
        try await Fixture.with { fixture in
            let first = try await fixture.source().fetch()
            if isPacked { try await fixture.repository.git("pack-refs", "--all") }
            let source = fixture.source(worker: "/bin/false")
            #expect(try await source.fetch() == first)
            try await fixture.repository.commit(["a": "1"])
            #expect(await source.fetchFailure()?.code == .failed)
        }
    }

    @Test func aNamedPipeInARepositoryHoldsNothingUp() async throws {
        try await Fixture.with { fixture in
            let first = try await fixture.source().fetch()
            let reference = fixture.repository.path + "/.git/refs/heads/main"
            unlink(reference)
            mkfifo(reference, 0o600)
            let error = await fixture.source(timeout: TimeSpan(milliseconds: 500)).fetchFailure()
            #expect(error != nil)
            #expect(try await fixture.source().head() == first)
        }
    }

    @Test func saysWhatBecameOfTheWorker() async throws {
        try await Fixture.with { fixture in
            func failing(_ executable: String) async -> SourceError? {
                await fixture.source(worker: executable).fetchFailure()
            }
            #expect(await failing("/nonexistent/binary")?.message.contains("could not be started") == true)
            #expect(await failing("/bin/false")?.message.contains("exit status 1") == true)
            #expect(await failing("/bin/true")?.message.contains("its answer makes no sense") == true)
        }
    }
}
