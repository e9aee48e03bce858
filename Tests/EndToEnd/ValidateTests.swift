import Foundation
import Model
import Processes
import TestSupport
import Testing

/// `reconcile validate` as the check of a pull request.
@Suite struct ValidateTests {
    private let workload = "kind: Workload\nname: web\ndriver: shell\nshell: {observe: a, apply: b, remove: c}\n"

    private func write(_ text: String, to path: String) throws {
        let folder = URL(filePath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    private func validate(_ folder: String, _ arguments: String...) async -> (status: Int32, output: String) {
        let result = await ProcessRunner().run(
            Command(
                TestBinary.path, ["validate"] + arguments, environment: ["PATH": "/usr/bin:/bin"],
                workingDirectory: folder, timeout: .seconds(300), outputLimit: 1 << 20))
        guard case .exited(let status) = result.ending else { return (-1, "\(result.ending)") }
        return (status, String(decoding: result.output, as: UTF8.self))
    }

    /// A checkout with a problem, a key that restrains and one that is not acted on, and what would be a workflow command.
    private func with(_ body: (String) async throws -> Void) async throws {
        try await TemporaryFolder.with { root in
            try write("", to: root + "/.git/HEAD")
            try write("kind: Environment\nverify: any\n", to: root + "/envs/staging/environment.yaml")
            try write(workload, to: root + "/envs/staging/web.yaml")
            try write("kind: Environment\n", to: root + "/envs/production/environment.yaml")
            try write(workload + "\"x\\n::error::y\": 1\n", to: root + "/envs/production/web.yaml")
            try await body(root)
        }
    }

    @Test func annotationsNameFilesFromTheRootWhereverItRuns() async throws {
        try await with { root in
            let fromRoot = await validate(root, "envs", "-o", "github")
            #expect(fromRoot.status == 1)
            let lines = fromRoot.output.split(separator: "\n")
            #expect(lines.count == 2)
            #expect(
                lines.first?.hasPrefix(
                    "::error file=envs/production/web.yaml,line=5,col=1,title=reconcile::unknown key")
                    == true)
            #expect(lines.last?.hasPrefix("::warning file=envs/staging/environment.yaml,line=2,col=1,") == true)
            #expect(await validate(root + "/envs", ".", "-o", "github").output == fromRoot.output)
            #expect(await validate("/", root + "/envs", "-o", "github").output == fromRoot.output)
            let folders = await validate(root + "/envs/staging", "../production", ".", "../../envs", "-o", "github")
            #expect(folders.output == fromRoot.output)
        }
    }

    @Test func theStatusIsThatOfTheProblems() async throws {
        try await with { root in
            try write(workload, to: root + "/envs/production/web.yaml")
            // A warning is no problem.
            let fine = await validate(root, "envs")
            #expect(fine.status == 0)
            #expect(fine.output.hasPrefix("envs/staging/environment.yaml:2:1: warning: `verify` restrains"))
            #expect(await validate(root, "envs", "-q").output == "")
            #expect(await validate(root + "/envs/production", ".", "-o", "gitlab").output == "[]\n")
            #expect(await validate(root).status == 64)
            #expect(await validate(root, ".", "-o", "xml").status == 64)
            #expect(await validate(root, "nowhere").status == 1)
        }
    }

    /// The configuration beside the environments is checked with them, and the one that applies is shown like the rest.
    @Test func theConfigurationIsCheckedToo() async throws {
        try await with { root in
            try write(workload, to: root + "/envs/production/web.yaml")
            try write("branch: [a]\nrepoo: x\n", to: root + "/envs/reconcile.yaml")
            for (folder, path) in [(root, "envs"), (root + "/envs", ".")] {
                let report = await validate(folder, path, "-o", "github")
                #expect(report.status == 1)
                #expect(report.output.contains("::error file=envs/reconcile.yaml,line=1,col=9,title=reconcile::"))
                #expect(report.output.split(separator: "\n").count { $0.hasPrefix("::error") } == 2)
            }
            // The one that applies says which drivers there are: without it nothing is said of the manifests.
            try write(workload + "extra: 1\n", to: root + "/envs/production/web.yaml")
            #expect(await validate(root + "/envs", ".").output.split(separator: "\n").count == 2)
            #expect(await validate(root, "envs", "-q").output.split(separator: "\n").count == 3)
            try write(workload, to: root + "/envs/production/web.yaml")
            // In an environment's own folder that name is a manifest's.
            try write(workload.replacing("web", with: "api"), to: root + "/envs/production/reconcile.yaml")
            #expect(await validate(root + "/envs/staging", "../production").output == "")
        }
    }

    /// https://pre-commit.com reads this file at the root of the project.
    @Test func theHookOfPreCommitRunsAsItSays() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: ".pre-commit-hooks.yaml"), encoding: .utf8)
        func value(_ key: String) throws -> String {
            let line = try #require(text.split(separator: "\n").first { $0.dropFirst(2).hasPrefix(key + ": ") })
            return String(line.dropFirst(key.count + 4))
        }
        #expect(try value("id") == "reconcile-validate")
        #expect(try value("pass_filenames") == "false")
        #expect(try value("language") == "system")
        let words = try value("entry").split(separator: " ").map(String.init)
        #expect(words == ["reconcile", "validate"])
        #expect(try value("args") == "[\".\"]")
        let files = try Regex(value("files"))
        #expect("staging/web.yaml".contains(files) && "deploy.yml".contains(files) && !"a.yaml.txt".contains(files))
        try await with { root in #expect(await validate(root, ".").status == 1) }
    }
}
