import FoundationEssentials
import Git
import Glibc
import Model
import Testing
import TestSupport

/// Servers that send what cannot or must not be taken: the last good revision stays, and the mirror is whole.
@Suite struct HostilePackTests {
    static let transports: [(String, Transport)] = [
        ("git", .libgit2), ("http", .libgit2), ("git", .git), ("http", .git),
    ]

    private static let codes: Set<SourceError.Code> = [
        .failed, .unreachable, .tooLarge, .repositoryMissing, .unsupported,
    ]

    /// Fetches well once, then once for each of these packs, from one address. Gives the errors.
    private static func errors(
        _ fixture: Fixture, _ scheme: String, _ transport: Transport, _ packs: (_ good: [UInt8]) -> [[UInt8]],
        limits: ReceiveLimits = ReceiveLimits()
    ) async throws -> [SourceError?] {
        let first = try await fixture.repository.head()
        let good = try await HostilePack.of(fixture.repository, folder: fixture.folder)
        let second = try await fixture.repository.commit(["b": "2"])
        let all = packs(try await HostilePack.of(fixture.repository, folder: fixture.folder))
        let conversations = [(first, good)] + all.map { (second, $0) }
        let answers = conversations.flatMap { commit, pack in
            let all =
                scheme == "git" ? HostilePack.conversation(commit, pack) : HostilePack.httpConversation(commit, pack)
            // The git command connects once more before, for the list alone.
            return transport == .git ? [[all[0][0]]] + all : all
        }
        return try await HostileServer.run(.inTurn(answers)) { server in
            let source = fixture.source("\(scheme)://127.0.0.1:\(server.port)/repo", over: transport, limits: limits)
            let known = try await source.fetch()
            #expect(known.commit == first)
            var errors: [SourceError?] = []
            for _ in all {
                let error = await source.fetchFailure()
                errors.append(error)
                #expect(error?.message.contains("127.0.0.1:\(server.port)") == true, "\(String(describing: error))")
                #expect(try await source.head()?.commit == known.commit)
                #expect(access(fixture.state + "/mirror.damaged", F_OK) != 0, "\(String(describing: error))")
            }
            let mirror = fixture.state + "/mirror"
            try await fixture.repository.git("--git-dir", mirror, "fsck", "--strict")
            #expect(try await source.tree(at: first).files(under: "", limit: 10).count == 1)
            // What a broken fetch leaves is swept by the next one, here from a repository on this machine.
            #expect(try await fixture.source().fetch().commit == second)
            let names = try FileManager.default.contentsOfDirectory(atPath: mirror + "/objects/pack")
            #expect(names.allSatisfy { $0.hasPrefix("pack-") }, "\(names)")
            return errors
        }
    }

    @Test(arguments: transports)
    func aDamagedPackIsNotTaken(_ scheme: String, _ transport: Transport) async throws {
        let noise = (0..<3000).map { "\($0 &* 2_654_435_761 % 1_000_003)\n" }.joined()
        try await Fixture.with(["a": noise]) { fixture in
            let errors = try await HostilePackTests.errors(fixture, scheme, transport) { good in
                var packs: [[UInt8]] = [Array(good.prefix(40)), Array(good.dropLast(25)), Array(good.dropLast(3)), []]
                for place in [0, 7, 11, 13, good.count / 3, good.count / 2, good.count - 30, good.count - 5] {
                    var bad = good
                    bad[place] ^= 0x10
                    packs.append(bad)
                }
                return packs
            }
            for error in errors { #expect(error.map { HostilePackTests.codes.contains($0.code) } == true, "\(errors)") }
            guard transport == .libgit2 else { return }
            #expect(errors.contains { $0?.message.contains("sends a pack that is damaged") == true })
        }
    }

    @Test(arguments: transports)
    func aBombIsNotTaken(_ scheme: String, _ transport: Transport) async throws {
        try await Fixture.with { fixture in
            let delta = HostilePack.number(18) + HostilePack.number(8 << 30) + [0x90, 18]
            // "kind: Environment\\n" of the first commit: the mirror has this base.
            let id = try await fixture.repository.git("rev-parse", "HEAD:staging/environment.yaml")
            let base = stride(from: 0, to: 40, by: 2).map { index in
                UInt8(id.dropFirst(index).prefix(2), radix: 16) ?? 0
            }
            let errors = try await HostilePackTests.errors(fixture, scheme, transport) { _ in
                [
                    HostilePack.made([HostilePack.object(kind: 7, says: delta.count, base: base, delta)]),
                    HostilePack.made([HostilePack.object(kind: 3, says: 5 << 30, [0])]),
                ]
            }
            for error in errors { #expect(error.map { HostilePackTests.codes.contains($0.code) } == true, "\(errors)") }
            // The git command is bounded by the kernel alone, see `WorkerLimits`.
            guard transport == .libgit2 else { return }
            #expect(errors.allSatisfy { $0?.code == .tooLarge })
            #expect(
                errors[0]?.message.hasSuffix("sends an object of 8 GiB, more than the 512 MiB that one may have")
                    == true)
            #expect(errors[1]?.message.contains("an object of 5 GiB") == true)
        }
    }

    @Test func aRealBombIsRefusedByARealServersFetch() async throws {
        try await Fixture.with { fixture in
            try await GitDaemon.serve(fixture.folder + "/source") { address in
                var limits = ReceiveLimits()
                limits.object = 8 << 20
                let source = fixture.source(address + "/repo", limits: limits)
                let first = try await source.fetch()
                // 64 MiB of zeros come in 64 KiB.
                try Data(count: 64 << 20).write(to: URL(filePath: fixture.repository.path + "/zeros"))
                let second = try await fixture.repository.commit()
                let error = await source.fetchFailure()
                #expect(error?.code == .tooLarge)
                #expect(
                    error?.message == "\(address)/repo sends an object of 64 MiB, more than the 8 MiB that one may have"
                )
                #expect(try await source.head()?.commit == first.commit)
                #expect(try await fixture.source(address + "/repo").fetch().commit == second)
            }
        }
    }

    /// A folder that would be gigabytes is not read into the loop's memory either.
    @Test func aFolderThatIsTooLargeIsNotRead() async throws {
        try await Fixture.with { fixture in
            let file = fixture.folder + "/tree"
            let blob = try await fixture.repository.git("rev-parse", "HEAD:staging/environment.yaml")
            let id = stride(from: 0, to: 40, by: 2).map { UInt8(blob.dropFirst($0).prefix(2), radix: 16) ?? 0 }
            var tree = Data("100644 \(String(repeating: "x", count: 200))".utf8) + [0] + id
            while tree.count <= 64 << 20 { tree += tree }
            try tree.write(to: URL(filePath: file))
            let large = try await fixture.repository.git("hash-object", "-t", "tree", "-w", "--literally", file)
            let commit = try await fixture.repository.git("commit-tree", "-m", "Large", large)
            try await fixture.repository.git("update-ref", "refs/heads/main", commit)
            let error = await fixture.source().fetchFailure()
            #expect(error?.message.contains("of a commit or a folder") == true, "\(String(describing: error))")
        }
    }
}
