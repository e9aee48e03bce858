import FoundationEssentials
import Glibc
import Model
import Processes
import Testing
import TestSupport

@testable import Git

@Suite struct MirrorTests {
    private static func packs(_ fixture: Fixture) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: fixture.state + "/mirror/objects/pack")
            .map { fixture.state + "/mirror/objects/pack/" + $0 }.sorted()
    }

    private static func pack(_ fixture: Fixture) throws -> String {
        try #require(try packs(fixture).first { $0.hasSuffix(".pack") })
    }

    private static func harm(_ fixture: Fixture, _ damage: String) throws {
        let pack = try MirrorTests.pack(fixture)
        chmod(pack, 0o600)
        switch damage {
        case "truncated": truncate(pack, 60)
        case "emptied": truncate(pack, 0)
        case "removed": unlink(pack)
        case "overwritten": try Data(repeating: 0x5A, count: 2000).write(to: URL(filePath: pack))
        case "reference":
            for name in try FileManager.default.contentsOfDirectory(atPath: fixture.state + "/mirror/refs/sources") {
                try Data("garbage\n".utf8).write(to: URL(filePath: fixture.state + "/mirror/refs/sources/" + name))
            }
        default: try FileManager.default.removeItem(atPath: fixture.state + "/mirror/objects")
        }
    }

    /// While the branch goes on at a server, so that there is something to be brought by either transport.
    @Test(arguments: ["truncated", "removed", "overwritten", "reference", "everything"], Transport.both)
    func isBuiltAnewFromAServer(_ damage: String, _ transport: Transport) async throws {
        try await Fixture.with { fixture in
            try await GitDaemon.serve(fixture.folder + "/source") { address in
                _ = try await fixture.source(address + "/repo", over: transport).fetch()
                try MirrorTests.harm(fixture, damage)
                let second = try await fixture.repository.commit(["a": "1"])
                let source = fixture.source(address + "/repo", over: transport)
                #expect(try await source.fetch().commit == second)
                let tree = try await source.tree(at: second)
                let files = try await tree.files(under: "", limit: 10)
                #expect(try await tree.contents(of: files, maxSize: 100).count == 2)
                #expect(access(fixture.state + "/mirror.damaged", F_OK) != 0)
            }
        }
    }

    @Test(arguments: ["truncated", "emptied", "removed", "overwritten", "reference", "everything"])
    func isBuiltAnewByOneFetch(_ damage: String) async throws {
        try await Fixture.with { fixture in
            let first = try await fixture.source().fetch()
            try MirrorTests.harm(fixture, damage)
            let source = fixture.source()
            #expect(try await source.fetch() == first)
            let tree = try await source.tree(at: first.commit)
            let files = try await tree.files(under: "", limit: 10)
            #expect(try await tree.contents(of: files, maxSize: 100) == [Array("kind: Environment\n".utf8)])
            #expect(access(fixture.state + "/mirror.damaged", F_OK) != 0)
            #expect(access(fixture.state + "/mirror.new", F_OK) != 0)
        }
    }

    @Test func damageFoundWhileReadingIsRepairedByTheNextFetch() async throws {
        // Incompressible, so that the middle of the pack is the middle of this file.
        var noise = SystemRandomNumberGenerator()
        let text = String(
            (0..<60_000).map { _ in Character(Unicode.Scalar(UInt8.random(in: 32..<127, using: &noise))) })
        try await Fixture.with(["a.txt": text]) { fixture in
            let first = try await fixture.source().fetch()
            let pack = try MirrorTests.pack(fixture)
            var bytes = try Data(contentsOf: URL(filePath: pack))
            let middle = bytes.count / 2
            for index in middle..<middle + 64 { bytes[index] ^= 0xFF }
            chmod(pack, 0o600)
            try bytes.write(to: URL(filePath: pack))
            let other = fixture.source()
            let tree = try await other.tree(at: first.commit)
            let files = try await tree.files(under: "", limit: 10)
            let error = await failure { () async throws(SourceError) in
                _ = try await tree.contents(of: files, maxSize: 1 << 20)
            }
            #expect(error?.code == .corrupt)
            #expect(error?.advice.contains("next fetch") == true)
            // The other process of today, or the next one, knows of it too.
            #expect(try await fixture.source().fetch() == first)
            #expect(try await tree.contents(of: files, maxSize: 1 << 20) == [Array(text.utf8)])
        }
    }

    @Test func staysWhileTheServerIsAway() async throws {
        try await Fixture.with { fixture in
            let first = try await fixture.source().fetch()
            MirrorFolder(state: fixture.state).markDamaged()
            rename(fixture.repository.path, fixture.repository.path + ".away")
            #expect(await fixture.source().fetchFailure()?.code == .repositoryMissing)
            #expect(try await fixture.source().head() == first)
            rename(fixture.repository.path + ".away", fixture.repository.path)
            #expect(try await fixture.source().fetch() == first)
        }
    }

    @Test func sweepsWhatAKilledFetchLeft() async throws {
        try await Fixture.with { fixture in
            _ = try await fixture.source().fetch()
            let folder = fixture.state + "/mirror/objects/pack/"
            for name in ["pack_git2_a1b2c3", "pack-1111111111111111111111111111111111111111.pack"] {
                try Data("half".utf8).write(to: URL(filePath: folder + name))
            }
            try FileManager.default.createDirectory(
                atPath: fixture.state + "/mirror.new/objects", withIntermediateDirectories: true)
            try await fixture.repository.commit(["a": "1"])
            _ = try await fixture.source().fetch()
            #expect(try MirrorTests.packs(fixture).count == 4)
        }
    }

    @Test func packsAreJoinedAndNoCommitIsLost() async throws {
        try await Fixture.with { fixture in
            let source = fixture.source()
            let first = try await source.fetch()
            let lost = try await fixture.repository.commit(["lost": "soon"], message: "Lost")
            _ = try await source.fetch()
            try await fixture.repository.git("reset", "--quiet", "--hard", first.commit)
            // Each commit is fetched in this process, as the worker would: 60 processes would only cost time.
            var commits: [String] = []
            for number in 0..<60 {
                commits.append(try await fixture.repository.commit(["n": "\(number)"], message: "\(number)"))
                _ = try Fetch(
                    FetchRequest(
                        address: fixture.repository.path, following: .branch("main"), stateFolder: fixture.state),
                    report: { _ in }
                ).run()
            }
            #expect(try MirrorTests.packs(fixture).count <= 2 * 51)
            #expect(try MirrorTests.packs(fixture).count < 2 * 40)
            #expect(try await source.head()?.commit == commits.last)
            for commit in commits + [lost, first.commit] {
                let tree = try await source.tree(at: commit)
                let files = try await tree.files(under: "", limit: 100)
                #expect(try await tree.contents(of: files, maxSize: 1000).count == files.count)
            }
        }
    }

    /// However many mirrors and packs there are, a loop over many sources must not run out of descriptors.
    @Test func fewPacksAreOpenAtOnce() async throws {
        let files = Dictionary(uniqueKeysWithValues: (0..<150).map { ("f\($0)", "content \($0)\n") })
        try await Fixture.with(files) { fixture in
            let first = try await fixture.source().fetch()
            let pack = try MirrorTests.pack(fixture)
            // Every object gets a pack of its own.
            let script = """
                git rev-list --objects --all | cut -c1-40 >ids
                while read -r id; do echo "$id" | git pack-objects -q objects/pack/pack >/dev/null || exit 1; done <ids
                rm -f "${1%.pack}".*
                """
            let split = await ProcessRunner().run(
                Command(
                    "/bin/sh", ["-c", script, "split", pack],
                    environment: ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"],
                    workingDirectory: fixture.state + "/mirror"))
            #expect(split.succeeded, "\(String(decoding: split.errors, as: UTF8.self))")
            #expect(try MirrorTests.packs(fixture).count > 300)
            let tree = try await fixture.source().tree(at: first.commit)
            let found = try await tree.files(under: "", limit: 200)
            #expect(found.count == 150)
            #expect(
                try await tree.contents(of: found, maxSize: 100).allSatisfy { $0.starts(with: Array("content".utf8)) })
            let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").filter { name in
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + name))?
                    .hasSuffix(".pack") == true
            }
            // One more for each thread that is just opening one.
            #expect(open.count <= 140, "\(open.count)")
        }
    }

    @Test func waitsForAnotherFetchNoLongerThanItsDeadline() async throws {
        try await Fixture.with { fixture in
            _ = try await fixture.source().fetch()
            try await fixture.repository.commit(["a": "1"])
            let lock = try MirrorLock(MirrorFolder(state: fixture.state))
            // On a loaded machine the worker may need more than the shortest of these to come to the lock.
            var error: SourceError?
            for milliseconds in [500, 4000, 30_000] where error?.message.contains("another fetch") != true {
                error = await fixture.source(timeout: TimeSpan(milliseconds: Int64(milliseconds))).fetchFailure()
                #expect(error?.code == .timeout)
            }
            #expect(error?.message.contains("another fetch") == true)
            _ = consume lock
            #expect(await fixture.source().fetchFailure() == nil)
        }
    }
}
