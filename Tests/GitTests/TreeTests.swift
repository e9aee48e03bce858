import FoundationEssentials
import Git
import Glibc
import Model
import Testing
import TestSupport

@Suite struct TreeTests {
    private static func tree(_ fixture: Fixture, path: String = "") async throws -> any SourceTree {
        let source = fixture.source(path: path)
        return try await source.tree(at: try await source.fetch().commit)
    }

    @Test func findsEveryEnvironment() async throws {
        let files = [
            "a/environment.yaml": "", "a/inner/environment.yaml": "", "teams/x/b/environment.yaml": "",
            "c/other.yaml": "",
            "1/2/3/4/5/6/7/8/9/10/environment.yaml": "", "1/2/3/4/5/6/7/8/9/10b/11/environment.yaml": "",
        ]
        try await Fixture.with(files) { fixture in
            let tree = try await TreeTests.tree(fixture)
            let found = try await tree.environments()
            #expect(found.map(\.path) == ["1/2/3/4/5/6/7/8/9/10", "a", "teams/x/b"])
            #expect(found.map(\.name) == ["10", "a", "b"])
            #expect(try await tree.ids(at: ["a"]) == ["a": found[1].tree])
            #expect(tree.prefix.isEmpty)
        }
    }

    @Test func aFolderOfTheRepositoryCanBeTheSource() async throws {
        try await Fixture.with(["deploy/env/environment.yaml": "x", "other/environment.yaml": "", "deploy/f": "1"]) {
            fixture in
            let tree = try await TreeTests.tree(fixture, path: "./deploy/")
            #expect(tree.prefix == "deploy/")
            #expect(try await tree.environments().map(\.path) == ["env"])
            #expect(try await tree.files(under: "", limit: 10).map(\.path) == ["env/environment.yaml", "f"])
            let itself = try await TreeTests.tree(fixture, path: "deploy/env").environments()
            #expect(itself.map(\.name) == ["env"])
            #expect(itself.map(\.path) == [""])
            for path in ["nowhere", "deploy/f"] {
                let source = fixture.source(path: path)
                let commit = try await source.fetch().commit
                let error = await failure { () async throws(SourceError) in _ = try await source.tree(at: commit) }
                #expect(error?.code == .configuration)
                #expect(error?.message.contains("has no folder \(path)") == true)
            }
            #expect(await fixture.source(path: "../x").fetchFailure()?.code == .configuration)
        }
    }

    @Test func aRootThatIsAnEnvironmentIsNamedAfterTheRepository() async throws {
        try await Fixture.with(["environment.yaml": ""]) { fixture in
            let found = try await TreeTests.tree(fixture).environments()
            #expect(found.map(\.name) == ["repo"])
        }
    }

    @Test func listsAndReadsFiles() async throws {
        try await Fixture.with(["site/a.txt": "alpha", "site/deep/b.txt": "beta", "run.sh": "#!/bin/sh"]) { fixture in
            chmod(fixture.repository.path + "/run.sh", 0o755)
            symlink("/etc/passwd", fixture.repository.path + "/site/link")
            try await fixture.repository.git("add", "--all")
            try await fixture.repository.git(
                "update-index", "--add", "--cacheinfo", "160000,\(String(repeating: "a", count: 40)),site/module")
            try await fixture.repository.git("commit", "--quiet", "--message", "Odd entries")
            let tree = try await TreeTests.tree(fixture)
            let files = try await tree.files(under: "site", limit: 10)
            #expect(files.map(\.path) == ["site/a.txt", "site/deep/b.txt", "site/link", "site/module"])
            #expect(files.map(\.kind) == [.file, .file, .symlink, .submodule])
            #expect(
                try await tree.contents(of: Array(files.prefix(2)), maxSize: 5) == [
                    Array("alpha".utf8), Array("beta".utf8),
                ])
            #expect(try await tree.files(under: "run.sh", limit: 1).map(\.kind) == [.executable])
            #expect(try await tree.files(under: "site/a.txt/x", limit: 1).isEmpty)
            for nothing in ["nothing", "../source", "/..", "site/../run.sh"] {
                #expect(try await tree.files(under: nothing, limit: 9).isEmpty)
            }
            let ids = try await tree.ids(at: ["site/", "site/a.txt", "", "nothing", "..", "site/link"])
            #expect(Set(ids.keys) == ["site/", "site/a.txt", "", "site/link"])
            #expect(ids["site/a.txt"] == files[0].id)

            func refusal(_ body: () async throws(SourceError) -> Void) async -> SourceError.Code? {
                await failure(body)?.code
            }
            #expect(
                await refusal { () async throws(SourceError) in _ = try await tree.files(under: "site", limit: 3) }
                    == .tooLarge)
            #expect(
                await refusal { () async throws(SourceError) in _ = try await tree.contents(of: files, maxSize: 4) }
                    == .tooLarge)
            for odd in files.suffix(2) {
                #expect(
                    await refusal { () async throws(SourceError) in _ = try await tree.contents(of: [odd], maxSize: 99)
                    } == .unsupported)
            }
        }
    }

    @Test(arguments: ["..", ".git", ".", "a/b", "bad\u{FF}"])
    func refusesNamesThatAreNoNames(_ name: String) async throws {
        try await Fixture.with { fixture in
            let repository = fixture.repository
            let blob = try await repository.git("hash-object", "-w", "--stdin", input: Array("x".utf8))
            let raw = stride(from: 0, to: 40, by: 2).map { offset in
                UInt8(blob.dropFirst(offset).prefix(2), radix: 16) ?? 0
            }
            let bytes = name.hasPrefix("bad") ? Array("bad".utf8) + [0xFF] : Array(name.utf8)
            let tree = try await repository.git(
                "hash-object", "-w", "-t", "tree", "--literally", "--stdin",
                input: Array("100644 ".utf8) + bytes + [0] + raw)
            let entries = try await repository.git("ls-tree", "HEAD")
            let root = try await repository.git(
                "mktree", input: Array("\(entries)\n040000 tree \(tree)\thostile\n".utf8))
            let commit = try await repository.git("commit-tree", root, "-m", "Hostile")
            try await repository.git("update-ref", "refs/heads/main", commit)
            let read = try await TreeTests.tree(fixture)
            #expect(try await read.environments().map(\.name) == ["staging"])
            #expect(try await read.files(under: "staging", limit: 5).count == 1)
            let error = await failure { () async throws(SourceError) in
                _ = try await read.files(under: "hostile", limit: 5)
            }
            #expect(error?.code == .unsupported)
            #expect(error?.message.hasPrefix("hostile holds") == true)
        }
    }

    @Test func endsAtATreeThatRepeatsItself() async throws {
        try await Fixture.with { fixture in
            let repository = fixture.repository
            let blob = try await repository.git("hash-object", "-w", "--stdin", input: Array("x".utf8))
            var tree = try await repository.git("mktree", input: Array("100644 blob \(blob)\tf\n".utf8))
            for _ in 0..<8 {
                let lines = (0..<10).map { "040000 tree \(tree)\td\($0)\n" }.joined()
                tree = try await repository.git("mktree", input: Array(lines.utf8))
            }
            let commit = try await repository.git("commit-tree", tree, "-m", "Bomb")
            try await repository.git("update-ref", "refs/heads/main", commit)
            let read = try await TreeTests.tree(fixture)
            let environments = await failure { () async throws(SourceError) in _ = try await read.environments() }
            #expect(environments?.code == .tooLarge)
            let files = await failure { () async throws(SourceError) in _ = try await read.files(under: "", limit: 1000)
            }
            #expect(files?.code == .tooLarge)
        }
    }

    @Test func anOldTreeStaysReadable() async throws {
        try await Fixture.with(["a": "old"]) { fixture in
            let source = fixture.source()
            let old = try await source.tree(at: try await source.fetch().commit)
            try await fixture.repository.rewrite(["a": "new"])
            _ = try await source.fetch()
            let files = try await old.files(under: "a", limit: 1)
            #expect(try await old.contents(of: files, maxSize: 10) == [Array("old".utf8)])
        }
    }
}
