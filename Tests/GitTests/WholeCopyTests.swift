import FoundationEssentials
import Git
import Glibc
import Model
import Testing
import TestSupport

/// The first fetch from a repository on this machine that has packs.
@Suite struct WholeCopyTests {
    /// Some history in two packs and loose objects: each needs the others.
    private static func pack(_ repository: TestRepository) async throws {
        for number in 0..<5 { try await repository.commit(["folder/\(number)": "one \(number)\n"]) }
        try await repository.git("repack", "-d", "-q")
        for number in 0..<5 { try await repository.commit(["folder/\(number)": "two \(number)\n"]) }
        try await repository.git("repack", "-d", "-q")
        try await repository.commit(["loose": "yes"])
        try await repository.git("tag", "-a", "-m", "a tag", "v1.0.0")
    }

    private static func packs(_ fixture: Fixture) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: fixture.state + "/mirror/objects/pack")
            .filter { $0.hasSuffix(".pack") }
    }

    private static func check(_ fixture: Fixture, _ source: GitSource) async throws {
        let revision = try await source.fetch()
        #expect(try await fixture.repository.head() == revision.commit)
        try await fixture.repository.git(
            "--git-dir", fixture.state + "/mirror", "fsck", "--strict", "--connectivity-only")
        let tree = try await source.tree(at: revision.commit)
        #expect(try await tree.files(under: "", limit: 100).count == 7)
    }

    @Test func takesThePacksAsTheyAre() async throws {
        try await Fixture.with { fixture in
            try await WholeCopyTests.pack(fixture.repository)
            try await WholeCopyTests.check(fixture, fixture.source())
            let theirs = try FileManager.default.contentsOfDirectory(
                atPath: fixture.repository.path + "/.git/objects/pack"
            )
            .filter { $0.hasSuffix(".pack") }
            #expect(theirs.count == 2)
            #expect(try WholeCopyTests.packs(fixture).count == 3)
            let next = try await fixture.repository.commit(["loose": "no"])
            #expect(try await fixture.source().fetch().commit == next)
            #expect(try WholeCopyTests.packs(fixture).count == 4)
            #expect(
                try await fixture.source(following: .tag(TagRule(pattern: NamePattern("v*")))).fetch().tag == "v1.0.0")
        }
    }

    @Test(arguments: ["damaged", "truncated", "borrowed", "linked"])
    func whatIsNotPlainIsPackedAnewOrNamed(_ state: String) async throws {
        try await Fixture.with { fixture in
            try await WholeCopyTests.pack(fixture.repository)
            let folder = fixture.repository.path + "/.git/objects/pack/"
            let pack = try #require(
                try FileManager.default.contentsOfDirectory(atPath: folder).sorted().first { $0.hasSuffix(".pack") })
            switch state {
            case "damaged", "truncated":
                chmod(folder + pack, 0o600)
                var bytes = [UInt8](try Data(contentsOf: URL(filePath: folder + pack)))
                if state == "damaged" { bytes[bytes.count / 2] ^= 0xFF } else { bytes.removeLast(bytes.count / 2) }
                try Data(bytes).write(to: URL(filePath: folder + pack))
                let error = await fixture.source().fetchFailure()
                #expect(error != nil && error?.message.isEmpty == false)
                #expect(try await fixture.source().head() == nil)
            case "linked":
                rename(folder + pack, fixture.folder + "/elsewhere")
                symlink(fixture.folder + "/elsewhere", folder + pack)
                try await WholeCopyTests.check(fixture, fixture.source())
            default:
                let borrower = fixture.folder + "/borrower"
                try await fixture.repository.git("clone", "--quiet", "--shared", fixture.repository.path, borrower)
                try await WholeCopyTests.check(fixture, fixture.source(borrower))
            }
        }
    }
}
