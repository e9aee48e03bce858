import Git
import Model
import Testing
import TestSupport

@Suite struct RevisionTests {
    @Test func keepsHostileTextAndCutsIt() async throws {
        try await Fixture.with { fixture in
            let source = fixture.source()
            try await fixture.repository.commit(message: "\u{1B}[31m--help $(touch x)\nbody")
            #expect(try await source.fetch().subject == "\u{1B}[31m--help $(touch x)")
            try await fixture.repository.commit(message: "\n\nafter empty lines")
            #expect(try await source.fetch().subject == "after empty lines")
            try await fixture.repository.commit(message: "")
            #expect(try await source.fetch().subject == "")
            try await fixture.repository.commit(message: String(repeating: "ä€", count: 1 << 18))
            #expect(try await source.fetch().subject == String(repeating: "ä€", count: 250))
        }
    }

    @Test func repairsWhatIsNoText() async throws {
        try await Fixture.with { fixture in
            let tree = try await fixture.repository.git("rev-parse", "HEAD^{tree}")
            let head =
                "tree \(tree)\nauthor N\u{1B}M <e> 99999999999999999 +0000\ncommitter C <c> 99999999999999999 +0000\n\n"
            let commit = try await fixture.repository.git(
                "hash-object", "-w", "-t", "commit", "--literally", "--stdin",
                input: Array(head.utf8) + [0x61, 0xFF, 0x62])
            try await fixture.repository.git("update-ref", "refs/heads/main", commit)
            let revision = try await fixture.source().fetch()
            #expect(revision.subject == "a\u{FFFD}b")
            #expect(revision.author == "N\u{1B}M <e>")
            #expect(revision.committedAt.iso8601.hasPrefix("9999-"))
        }
    }

    @Test func findsCommitsByTheirBeginning() async throws {
        try await Fixture.with { fixture in
            let source = fixture.source()
            let before = await failure { () async throws(SourceError) in _ = try await source.revision("abcd") }
            #expect(before?.code == .revisionMissing)
            let first = try await source.fetch()
            #expect(try await source.revision(String(first.commit.prefix(7))) == first)
            #expect(try await source.revision(first.commit.uppercased()) == first)
            let nothing = [
                "", "abc", "main", "HEAD~1", "--help", String(repeating: "0", count: 40), first.commit + "0",
            ]
            for name in nothing {
                let error = await failure { () async throws(SourceError) in _ = try await source.revision(name) }
                #expect(error?.code == .revisionMissing, "\(name)")
            }
            let tree = try await fixture.repository.git("rev-parse", "HEAD^{tree}")
            let error = await failure { () async throws(SourceError) in _ = try await source.revision(tree) }
            #expect(error?.code == .revisionMissing)
        }
    }
}
