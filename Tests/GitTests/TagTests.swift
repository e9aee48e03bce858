import FoundationEssentials
import Git
import Glibc
import Model
import Testing
import TestSupport

@Suite struct TagTests {
    private static func rule(_ pattern: String? = nil, _ range: String? = nil) throws -> SourceReference {
        .tag(TagRule(pattern: pattern.map { NamePattern($0) }, range: try range.map { try VersionRange($0) }))
    }

    private static func release(_ fixture: Fixture, _ tag: String, isAnnotated: Bool = false) async throws -> String {
        let commit = try await fixture.repository.commit(["version": tag], message: "Release \(tag)")
        try await fixture.repository.git(["tag"] + (isAnnotated ? ["-a", "-m", "Signed off"] : []) + [tag])
        return commit
    }

    @Test func followsTheNewestVersion() async throws {
        try await Fixture.with { fixture in
            let source = fixture.source(following: try TagTests.rule("v*"))
            let none = await source.fetchFailure()
            #expect(none?.code == .tagMissing)
            #expect(none?.advice == "push a tag; there is none")
            _ = try await TagTests.release(fixture, "nightly")
            #expect(await source.fetchFailure()?.advice.contains("there are nightly") == true)
            let first = try await TagTests.release(fixture, "v1.9.0")
            #expect(try await source.fetch().commit == first)
            let second = try await TagTests.release(fixture, "v1.10.0", isAnnotated: true)
            _ = try await TagTests.release(fixture, "v1.2.0")
            _ = try await TagTests.release(fixture, "vacation")
            let found = try await source.fetch()
            #expect(found.commit == second)
            #expect(found.tag == "v1.10.0")
            #expect(found.notes.isEmpty)
            #expect(try await source.head() == found)
            #expect(try await fixture.source(following: try TagTests.rule("v*", "<1.10")).fetch().tag == "v1.9.0")
            #expect(try await fixture.source().fetch().tag == nil)
        }
    }

    @Test(
        arguments: [
            ("v*", nil, ["v2.0.0-rc.1", "v1.9.0", "v1.10.0"], "v2.0.0-rc.1"),
            ("v*", "*", ["v2.0.0-rc.1", "v1.9.0", "v1.10.0"], "v1.10.0"),
            (nil, "^1.2", ["1.2.0", "v1.3.0", "2.0.0", "1.4.0-rc.1"], "v1.3.0"),
            (nil, ">=1.4.0-0", ["1.2.0", "1.4.0-rc.1", "1.4.0-rc.2"], "1.4.0-rc.2"),
            ("app-*", "<2", ["app-1.9.0", "app-1.10.0", "app-2.0.0", "web-1.11.0"], "app-1.10.0"),
            ("web/v*", nil, ["web/v1.9.0", "web/v1.10.0", "web"], "web/v1.10.0"),
            ("release-*", nil, ["release-2026-01-02", "release-2025-12-31"], "release-2026-01-02"),
            ("*", nil, ["zebra", "v0.0.1"], "v0.0.1"),
            ("v1.0.0", nil, ["v1.0.0", "v2.0.0"], "v1.0.0"),
            ("*", nil, ["1.0.0", "v1.0.0", "1.0.0+b"], "v1.0.0"),
        ] as [(String?, String?, [String], String)])
    func choosesOneOfMany(_ pattern: String?, _ range: String?, _ tags: [String], _ wanted: String) async throws {
        try await Fixture.with { fixture in
            for tag in tags where !(tag == "web") { try await fixture.repository.git("tag", tag) }
            let source = fixture.source(following: try TagTests.rule(pattern, range))
            #expect(try await source.fetch().tag == wanted)
            // What is looked at without a worker chooses the same.
            let idle = fixture.source(following: try TagTests.rule(pattern, range), worker: "/bin/false")
            #expect(try await idle.fetch().tag == wanted)
            try await fixture.repository.git("pack-refs", "--all")
            #expect(try await idle.fetch().tag == wanted)
        }
    }

    @Test func saysThatATagMoved() async throws {
        try await Fixture.with { fixture in
            let source = fixture.source(following: try TagTests.rule("v*"))
            let old = try await TagTests.release(fixture, "v1.0.0")
            _ = try await source.fetch()
            _ = try await TagTests.release(fixture, "v1.1.0")
            #expect(try await source.fetch().notes == [])
            let new = try await fixture.repository.commit(["a": "2"])
            try await fixture.repository.git("tag", "--force", "v1.1.0")
            let moved = try await source.fetch()
            #expect(moved.commit == new)
            #expect(moved.notes.count == 1)
            #expect(moved.notes.first?.contains("tag v1.1.0 of ") == true)
            #expect(moved.notes.first?.contains(" to \(new)") == true)
            #expect(try await source.fetch().notes == [])
            // Made anew as an object of its own, it still names the same commit: no news.
            try await fixture.repository.git("tag", "--force", "-a", "-m", "again", "v1.1.0")
            let again = try await source.fetch()
            #expect(again.commit == new && again.notes == [] && again.tag == "v1.1.0")
            // A tag that was followed before is remembered, too.
            let narrow = fixture.source(following: try TagTests.rule("v*"))
            try await fixture.repository.git("tag", "--force", "v1.2.0", old)
            #expect(try await narrow.fetch().commit == old)
            try await fixture.repository.git("tag", "--force", "v1.2.0", new)
            #expect(try await narrow.fetch().notes.first?.contains("moved from \(old) to \(new)") == true)
        }
    }

    @Test func aTagThatWentAwayKeepsTheLastRevision() async throws {
        try await Fixture.with { fixture in
            let source = fixture.source(following: try TagTests.rule("v*"))
            let first = try await TagTests.release(fixture, "v1.0.0")
            _ = try await TagTests.release(fixture, "v1.1.0", isAnnotated: true)
            let last = try await source.fetch()
            try await fixture.repository.git("tag", "-d", "v1.1.0")
            let error = await source.fetchFailure()
            #expect(error?.code == .tagMissing)
            #expect(error?.message == "tag v1.1.0 of \(fixture.repository.path), which was followed, is gone")
            #expect(error?.advice.contains("to go back to v1.0.0") == true)
            #expect(try await source.head() == last)
            #expect(try await fixture.source(following: try TagTests.rule("v1.0.*")).fetch().commit == first)
            let next = try await TagTests.release(fixture, "v1.1.1")
            #expect(try await source.fetch().commit == next)
            try await fixture.repository.git("tag", "-d", "v1.0.0", "v1.1.1")
            #expect(await source.fetchFailure()?.message.contains("no tag that matches v*") == true)
        }
    }

    @Test func aTagOnNoCommitIsNamed() async throws {
        try await Fixture.with { fixture in
            let source = fixture.source(following: try TagTests.rule("v*"))
            let first = try await TagTests.release(fixture, "v1.0.0")
            _ = try await source.fetch()
            let tree = try await fixture.repository.git("rev-parse", "HEAD^{tree}")
            try await fixture.repository.git("tag", "v2.0.0", tree)
            let error = await source.fetchFailure()
            #expect(error?.code == .unsupported)
            #expect(error?.message.contains("refs/tags/v2.0.0") == true)
            #expect(error?.message.contains("names no commit") == true)
            #expect(try await source.head()?.commit == first)
        }
    }

    @Test(arguments: [("git", .libgit2), ("http", .libgit2), ("git", .git), ("http", .git)] as [(String, Transport)])
    func followsTagsOverTheNetwork(_ scheme: String, _ transport: Transport) async throws {
        try await Fixture.with { fixture in
            @Sendable func check(_ address: String) async throws {
                let source = fixture.source(address, following: try TagTests.rule("v*", "^1"), over: transport)
                let first = try await TagTests.release(fixture, "v1.0.0")
                #expect(try await source.fetch().commit == first)
                let second = try await TagTests.release(fixture, "v1.1.0", isAnnotated: true)
                _ = try await TagTests.release(fixture, "v2.0.0")
                let found = try await source.fetch()
                #expect(found.commit == second && found.tag == "v1.1.0")
                #expect(try await source.fetch() == found)
                try await fixture.repository.git("tag", "--force", "-a", "-m", "moved", "v1.1.0", first)
                let moved = try await source.fetch()
                #expect(moved.commit == first)
                #expect(moved.notes.first?.contains("moved from \(second) to \(first)") == true)
                try await fixture.repository.git("tag", "-d", "v1.1.0")
                #expect(await source.fetchFailure()?.code == .tagMissing)
                #expect(try await source.head()?.commit == first)
            }
            if scheme == "git" {
                try await GitDaemon.serve(fixture.folder + "/source") { try await check($0 + "/repo") }
            } else {
                try await GitHTTPServer.serve(fixture.folder + "/source", scratch: fixture.folder) {
                    try await check($0 + "/git/repo")
                }
            }
        }
    }

    @Test func aRewrittenHistoryIsFollowedAndNamed() async throws {
        try await Fixture.with { fixture in
            let source = fixture.source()
            let first = try await source.fetch()
            try await fixture.repository.commit(["a": "1"])
            let second = try await source.fetch()
            #expect(second.notes == [])
            // The repository is made anew under the same address, with nothing in common.
            try FileManager.default.removeItem(atPath: fixture.repository.path)
            let other = try await TestRepository.create(at: fixture.repository.path)
            let new = try await other.commit(["b": "1"], message: "Elsewhere")
            let found = try await source.fetch()
            #expect(found.commit == new)
            #expect(
                found.notes == [
                    "main of \(fixture.repository.path) moved from \(second.commit) to \(new), "
                        + "which does not contain it: its history was rewritten"
                ])
            #expect(try await source.fetch().notes == [])
            for old in [first, second] { #expect(try await source.revision(old.commit) == old) }
            #expect(try await source.tree(at: second.commit).files(under: "", limit: 10).count == 2)
        }
    }
}
