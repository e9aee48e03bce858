import ArgumentParser
import FoundationEssentials
import Glibc
import Model
import TestSupport
import Testing

@testable import Commands

/// What `validate` tells code hosts.
@Suite struct ReviewTests {
    private func remark(
        _ message: String, file: String = "/nowhere/a.yaml", line: Int = 3, _ severity: Remark.Severity = .error
    ) -> Remark {
        Remark(severity, Problem(file: file, line: line, column: 7, message: message))
    }

    @Test func annotationsAreWorkflowCommands() {
        #expect(
            GitHubAnnotations.text([
                remark("unknown key \"a\": 100% wrong"), remark("it waits", .warning), remark("not yet", .note),
            ]) == """
                ::error file=/nowhere/a.yaml,line=3,col=7,title=reconcile::unknown key "a": 100%25 wrong
                ::warning file=/nowhere/a.yaml,line=3,col=7,title=reconcile::it waits
                ::notice file=/nowhere/a.yaml,line=3,col=7,title=reconcile::not yet
                """)
        #expect(GitHubAnnotations.text([]).isEmpty)
    }

    /// A command begins at a line's start, a property at a comma: neither comes from a repository.
    @Test(arguments: [
        "a\n::set-output name=x::y", "a\r::error::b", "a\r\n::error::b", "%0A::error::b", "a\u{2028}::error::b",
        "\u{1B}[2J", "a::error::b,line=1", ",\u{301}line=1:\u{301}:", "##[error]x",
    ])
    func hostileTextStaysInItsPlace(_ hostile: String) throws {
        let text = GitHubAnnotations.text([remark(hostile, file: "/nowhere/" + hostile)])
        #expect(!text.unicodeScalars.contains { $0.value < 32 })
        let command = try #require(text.wholeMatch(of: #/::error (.*?),line=3,col=7,title=reconcile::(.*)/#))
        #expect(!command.1.unicodeScalars.contains { $0 == ":" || $0 == "," })
        #expect(!command.2.contains(#/%(?!25|0A)/#))
        for data in [GitLabReport.text([remark(hostile, file: "/nowhere/" + hostile)])] {
            #expect(data.split(separator: "\n").count == 1)
            let list = try JSONDecoder().decode([Issue].self, from: Data(data.utf8))
            #expect(list.count == 1)
        }
    }

    private struct Issue: Codable {
        struct Location: Codable {
            struct Lines: Codable { var begin: Int }
            var path: String
            var lines: Lines
        }
        var description: String
        var check_name: String
        var fingerprint: String
        var severity: String
        var location: Location
    }

    private func issues(_ remarks: [Remark]) throws -> [Issue] {
        try JSONDecoder().decode([Issue].self, from: Data(GitLabReport.text(remarks).utf8))
    }

    @Test func theReportHasWhatGitLabAsksFor() throws {
        #expect(GitLabReport.text([]) == "[]\n")
        let found = try issues([remark("a"), remark("b", .warning), remark("c", .note)])
        #expect(found.map(\.description) == ["a", "b", "c"])
        #expect(found.map(\.severity) == ["major", "minor", "info"])
        #expect(found.allSatisfy { $0.check_name == "reconcile validate" && $0.location.lines.begin == 3 })
        #expect(found.first?.location.path == "/nowhere/a.yaml")
    }

    /// What moved is the same problem; what is there twice is two.
    @Test func fingerprintsOutliveLines() throws {
        let before = try issues([remark("declared twice: first at a/b.yaml:3:7"), remark("x"), remark("x", line: 9)])
        let after = try issues([
            remark("declared twice: first at a/b.yaml:13:7", line: 20), remark("x", line: 4), remark("x", line: 10),
        ])
        #expect(before.map(\.fingerprint) == after.map(\.fingerprint))
        #expect(Set(before.map(\.fingerprint)).count == 3)
        let other = try issues([remark("x", file: "/nowhere/b.yaml")])
        #expect(!before.map(\.fingerprint).contains(other.first?.fingerprint ?? ""))
    }

    @Test func pathsAreSeenFromTheRepositorysRoot() async throws {
        try await TemporaryFolder.with { folder in
            #expect(mkdir(folder + "/envs", 0o755) == 0 && mkdir(folder + "/envs/staging", 0o755) == 0)
            // Outside of any repository the path stays whole.
            #expect(Checkout.path(of: folder + "/envs/staging/a.yaml") == folder + "/envs/staging/a.yaml")
            // A work tree's `.git` is a file.
            try Data("gitdir: elsewhere\n".utf8).write(to: URL(filePath: folder + "/.git"))
            #expect(Checkout.path(of: folder + "/envs/staging/a.yaml") == "envs/staging/a.yaml")
            #expect(Checkout.path(of: folder + "/envs/../envs/staging/a.yaml") == "envs/staging/a.yaml")
            #expect(Checkout.path(of: folder + "/reconcile.yaml") == "reconcile.yaml")
            #expect(symlink(folder + "/envs", folder + "/link") == 0)
            #expect(Checkout.path(of: folder + "/link/staging/a.yaml") == "envs/staging/a.yaml")
        }
    }

    @Test func onlyValidatePrintsThem() throws {
        for word in ["github", "gitlab"] {
            let options = try CommonOptions.parse(["-o", word, "--config", "/dev/null"])
            let error = #expect(throws: CommandFailure.self) {
                try OutputChoice(options, Variables(all: [:]), reviews: false)
            }
            #expect(error?.status == 64)
            #expect(error?.message == "only `reconcile validate` prints \(word)")
            #expect(try OutputChoice(options, Variables(all: [:]), reviews: true).review?.rawValue == word)
        }
        let options = try CommonOptions.parse(["-o", "xml"])
        let error = #expect(throws: CommandFailure.self) {
            try OutputChoice(options, Variables(all: [:]), reviews: true)
        }
        #expect(error?.advice == "write one of text, json, markdown, github, gitlab")
    }
}
