import Foundation
import TestSupport
import Testing

/// Whatever a repository may hold, nothing of it is run, followed, or sent to a terminal as it is.
@Suite struct HostileTests {
    private static let texts = [
        "\u{1B}]0;title\u{7}\u{1B}[2J", "--help", "$(touch x)", "`touch x`", "../..", "a\nb", "\u{202E}evil",
        "'; touch x; '", String(repeating: "x", count: 1 << 20),
    ]

    private func isClean(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy {
            $0 == "\n" || $0 == "\t" || ($0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) && $0.value != 0x202E)
        }
    }

    @Test func inCommitMessagesAndAuthors() async throws {
        try await World.with { world in
            for (number, text) in Self.texts.enumerated() {
                try await world.repository.commit(
                    [
                        "staging/environment.yaml": World.environment(),
                        "staging/web.yaml": world.workload(version: "\(number)"),
                    ], message: text)
                try await world.repository.git(
                    "commit", "--quiet", "--amend", "--no-edit", "--allow-empty-message", "--author",
                    "\(text.prefix(200).filter { $0 != "\n" && $0 != "<" }) <a@b>")
                let run = await world.reconcile("-v")
                #expect(
                    run.status == 0 && isClean(run.output + run.errors),
                    "\(number): \(run.output.prefix(500)) \(run.errors.prefix(500))")
            }
            for arguments in [
                ["history", "-n", "50"], ["show", "1"], ["status"], ["why", "staging"], ["history", "-o", "markdown"],
                ["history", "-o", "json"],
            ] {
                let run = await world.reconcile(arguments)
                #expect(run.status == 0 && isClean(run.output), "\(arguments)")
                #expect(run.output.utf8.count < 200_000)
            }
        }
    }

    @Test(arguments: texts)
    func inEveryFieldOfAManifest(text: String) async throws {
        try await World.with { world in
            var quoted = ""
            for scalar in text.prefix(5000).unicodeScalars {
                switch scalar {
                case "\"": quoted += "\\\""
                case "\\": quoted += "\\\\"
                default: quoted += scalar.value < 0x20 ? "\\u" + String(format: "%04x", scalar.value) : String(scalar)
                }
            }
            let value = "\"\(quoted)\""
            let good = world.workload()
            for (key, manifest) in [
                "name": good.replacingOccurrences(of: "name: web", with: "name: \(value)"),
                "driver": good.replacingOccurrences(of: "driver: shell", with: "driver: \(value)"),
                "depends_on": good + "depends_on: [\(value)]\n",
                "key": good + "\(value): 1\n",
                "strategy": good.replacingOccurrences(of: "{min_healthy_time: 0s}", with: "{strategy: \(value)}"),
                "files": good.replacingOccurrences(of: "shell:\n", with: "shell:\n  files: [\(value)]\n"),
            ] {
                try await world.repository.commit([
                    "staging/environment.yaml": World.environment(), "staging/web.yaml": manifest,
                ])
                let run = await world.reconcile()
                #expect(
                    run.status == 1 && isClean(run.output + run.errors),
                    "\(key): \(run.output.prefix(800)) \(run.errors.prefix(800))")
                #expect(world.acts.isEmpty)
            }
            let env = good.replacingOccurrences(of: "env: {", with: "env: {TEXT: \(value), ")
            try await world.repository.commit(["staging/web.yaml": env])
            let run = await world.reconcile("--dry-run")
            #expect(isClean(run.output + run.errors))
            #expect(await world.reconcile().status == 0, "a value is a value")
            #expect(!FileManager.default.fileExists(atPath: world.root + "/x"))
        }
    }

    @Test func linksAndSubmodulesAreRefusedByName() async throws {
        try await World.with { world in
            let git = world.repository
            try await git.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(),
            ])
            try FileManager.default.createSymbolicLink(
                atPath: git.path + "/staging/passwd.yaml", withDestinationPath: "/etc/passwd")
            try await git.commit(message: "link")
            let link = await world.pass()
            #expect(link.status == 1 && link.output.contains("staging/passwd.yaml") && !link.output.contains("root:"))
            try git.remove("staging/passwd.yaml")
            try await git.commit()
            let head = try await git.head()
            try await git.git("update-index", "--add", "--cacheinfo", "160000,\(head),staging/sub")
            try await git.git("commit", "--quiet", "-m", "submodule")
            let module = await world.pass()
            #expect(module.status == 1 && module.output.contains("staging/sub"), "\(module.output)")
            #expect(world.acts.isEmpty)
        }
    }

    /// An include that cannot be parsed would make every repository fail to open, if it were read.
    @Test func theUsersOwnGitConfigurationIsNotRead() async throws {
        try await World.with { world in
            try await world.repository.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(),
            ])
            let home = world.root + "/home"
            try FileManager.default.createDirectory(atPath: home + "/git", withIntermediateDirectories: true)
            for name in [".gitconfig", "git/config"] {
                try "[broken".write(toFile: home + "/" + name, atomically: true, encoding: .utf8)
            }
            let run = await world.pass(environment: ["HOME": home, "XDG_CONFIG_HOME": home])
            #expect(run.status == 0, "\(run.output) \(run.errors)")
        }
    }

    @Test func optionsAreNotTakenFromArguments() async throws {
        try await World.with { world in
            try await world.repository.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(),
            ])
            #expect(await world.reconcile("--branch", "--upload-pack=touch x").status != 0)
            #expect(await world.reconcile("--branch=--upload-pack=touch x").status == 1)
            #expect(await world.reconcile("-e", "nobody").status == 1)
            #expect(await world.reconcile("--no-such-option").status == 64)
            #expect(!FileManager.default.fileExists(atPath: world.root + "/x"))
        }
    }
}
