import ArgumentParser
import Engine
import FoundationEssentials
import Git
import Glibc
import Model
import TestSupport
import Testing

@testable import Commands

@Suite struct ValidateTests {
    private let workload =
        "kind: Workload\nname: web\ndriver: shell\nshell: {observe: a, apply: b, remove: c, files: [site/]}\n"

    private func write(_ folder: String, _ files: [String: String]) throws {
        for (path, text) in files {
            let url = URL(filePath: folder + "/" + path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
    }

    private func problems(_ path: String) async throws -> [String] {
        let root = try ValidationRoot(path)
        return try await root.check(drivers: Parts.drivers([])).problems.map { "\(root.shown($0.file)):\($0.line)" }
    }

    @Test func aFolderIsReadAsGitWouldHaveIt() async throws {
        try await TemporaryFolder.with { (folder: String) async throws in
            try write(
                folder,
                [
                    "staging/environment.yaml": "kind: Environment\n", "staging/web.yaml": workload,
                    "site/index.html": "x",
                    ".git/environment.yaml": "nonsense", "staging/note.txt": "-",
                ])
            #expect(try await problems(folder).isEmpty)
            #expect(await CommandLineTool(["validate", folder, "-q"]).run() == 0)
        }
    }

    @Test func problemsAreNamedFromThePathThatWasTyped() async throws {
        try await TemporaryFolder.with { (folder: String) async throws in
            try write(
                folder,
                [
                    "staging/environment.yaml": "kind: Environment\nafter: nowhere\n",
                    "staging/web.yaml": workload + "extra: 1\n",
                    "production/environment.yaml": "kind: Environment\n", "production/web.yaml": workload,
                ])
            // The broken one is told of its keys, the readable one of the files that are not there.
            #expect(try await problems(folder) == [folder + "/production/web.yaml:2", folder + "/staging/web.yaml:5"])
            #expect(
                try await problems(folder + "/") == [folder + "/production/web.yaml:2", folder + "/staging/web.yaml:5"])
            #expect(try await problems(folder + "/staging") == [folder + "/staging/web.yaml:5"])
            #expect(await CommandLineTool(["validate", folder, "-q", "-o", "json"]).run() == 1)
        }
    }

    @Test func anUnknownPredecessorIsAProblem() async throws {
        try await TemporaryFolder.with { (folder: String) async throws in
            try write(folder, ["staging/environment.yaml": "kind: Environment\nafter: nowhere\n"])
            #expect(try await problems(folder) == [folder + "/staging/environment.yaml:2"])
        }
    }

    @Test func linksAreRefusedAndNeverFollowed() async throws {
        try await TemporaryFolder.with { (folder: String) async throws in
            try write(folder, ["staging/environment.yaml": "kind: Environment\n"])
            #expect(symlink("/etc", folder + "/staging/etc") == 0)
            #expect(symlink("/etc/passwd", folder + "/staging/web.yaml") == 0)
            #expect(symlink("/", folder + "/root") == 0)
            let found = try await problems(folder)
            #expect(found.contains(folder + "/staging/web.yaml:1"))
            #expect(found.allSatisfy { $0.hasPrefix(folder + "/staging/") })
        }
    }

    @Test func whatIsNoFolderOfEnvironmentsIsRefusedWithAHint() async throws {
        try await TemporaryFolder.with { (folder: String) async throws in
            try write(folder, ["web.yaml": workload])
            let file = #expect(throws: CommandFailure.self) { try ValidationRoot(folder + "/web.yaml") }
            #expect(file?.description.contains("name the environment's folder") == true)
            #expect(await CommandLineTool(["validate", folder, "-q"]).run() == 1)
        }
    }

    @Test func initWritesOnlyWhatIsMissing() async throws {
        try await TemporaryFolder.with { (folder: String) async throws in
            #expect(try InitCommand.write("one", to: folder + "/a/b.yaml"))
            #expect(try !InitCommand.write("two", to: folder + "/a/b.yaml"))
            #expect(try String(decoding: Data(contentsOf: URL(filePath: folder + "/a/b.yaml")), as: UTF8.self) == "one")
        }
    }

    @Test func theStarterIsValid() async throws {
        try await TemporaryFolder.with { (folder: String) async throws in
            try write(
                folder,
                Dictionary(
                    uniqueKeysWithValues: Starter.example + [("reconcile.yaml", Starter.configuration(repo: "a \"b\""))]
                ))
            #expect(try await problems(folder).isEmpty)
            #expect(
                try Settings.resolve(
                    try CommonOptions.parse(["--config", folder + "/reconcile.yaml"]), Variables(all: [:])
                ).sources.first?.following == .branch("main"))
        }
    }
}
