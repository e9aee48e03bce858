import ArgumentParser
import FoundationEssentials
import Git
import Model
import TestSupport
import Testing

@testable import Commands

@Suite struct SettingsTests {
    private func settings(_ arguments: [String] = [], _ variables: [String: String] = [:]) throws -> Settings {
        try Settings.resolve(try CommonOptions.parse(arguments), Variables(all: variables))
    }

    private func withConfiguration(_ text: String, _ body: (String) throws -> Void) async throws {
        try await TemporaryFolder.with { folder in
            try Data(text.utf8).write(to: URL(filePath: folder + "/c.yaml"))
            try body(folder)
        }
    }

    @Test func withoutAnythingTheDefaultsHold() throws {
        let settings = try settings()
        #expect(settings.sources.isEmpty)
        #expect(settings.state == ".reconcile")
        let source = try #require(try self.settings(["--repo", "r"]).sources.first)
        #expect(source.name == nil)
        #expect(source.repo == "r")
        #expect(source.following == .branch("main"))
        #expect(source.path == "")
        #expect(source.timeout == .seconds(60))
        #expect(source.interval == .seconds(30))
        #expect(settings.parallel == 16)
        #expect(settings.jitter == 10)
        #expect(!settings.trustsRecord && !settings.allowDelete)
        #expect(settings.output == .text)
    }

    @Test func optionBeforeVariableBeforeFile() async throws {
        try await withConfiguration("branch: file\ngit_timeout: 1s\nstate: st\nrepo: ../r\n") {
            (folder: String) throws in
            let file = ["--config", folder + "/c.yaml"]
            let variables = ["RECONCILE_BRANCH": "variable", "RECONCILE_GIT_TIMEOUT": "2s", "RECONCILE_STATE": "v"]
            func source(_ arguments: [String], _ variables: [String: String] = [:]) throws -> SourceSettings {
                try #require(try settings(arguments, variables).sources.first)
            }
            #expect(try source(file).following == .branch("file"))
            #expect(try source(file).timeout == .seconds(1))
            #expect(try source(file, variables).following == .branch("variable"))
            #expect(try source(file, variables).timeout == .seconds(2))
            #expect(try settings(file, variables).state == "v")
            let options = file + ["--branch", "option", "--git-timeout", "3s", "--state", "o"]
            #expect(try source(options, variables).following == .branch("option"))
            #expect(try source(options, variables).timeout == .seconds(3))
            #expect(try settings(options, variables).state == "o")
            #expect(try source([], ["RECONCILE_CONFIG": folder + "/c.yaml"]).following == .branch("file"))
        }
    }

    @Test func severalSourcesShareOnlyWhatIsNobodysOwn() async throws {
        let text = """
            interval: 1m
            sources:
              - {name: web, repo: ../web, branch: live, path: sites, interval: 5s}
              - {name: shop, repo: "https://git.example/shop.git", git_timeout: 2s, user: robot}
            """
        try await withConfiguration(text) { (folder: String) throws in
            let file = ["--config", folder + "/c.yaml"]
            let sources = try settings(file + ["--state", "st"]).sources
            #expect(sources.map(\.name) == ["web", "shop"])
            #expect(sources.map(\.repo) == [folder + "/../web", "https://git.example/shop.git"])
            #expect(sources.map(\.following) == [.branch("live"), .branch("main")])
            #expect(sources.map(\.path) == ["sites", ""])
            #expect(sources.map(\.interval) == [.seconds(5), .seconds(60)])
            #expect(sources.map(\.timeout) == [.seconds(60), .seconds(2)])
            #expect(sources.map { $0.folder(in: "st") } == ["st/sources/web", "st/sources/shop"])
            #expect(try settings(file + ["--git-timeout", "9s"]).sources.map(\.timeout) == [.seconds(9), .seconds(9)])
            let only = try settings(file + ["--repo", "other", "--branch", "b"]).sources
            #expect(only.map(\.repo) == ["other"])
            #expect(only.map(\.following) == [.branch("b")])
            let unclear = #expect(throws: CommandFailure.self) { try settings(file + ["--branch", "b"]) }
            #expect(unclear?.status == 64)
        }
    }

    @Test func tagsAreFollowedUnlessABranchIsAskedFor() async throws {
        try await withConfiguration("tag: v*\nsemver: ^1.2\nrepo: ../r\n") { (folder: String) throws in
            let file = ["--config", folder + "/c.yaml"]
            let rule = TagRule(pattern: NamePattern("v*"), range: try VersionRange("^1.2"))
            #expect(try settings(file).sources.first?.following == .tag(rule))
            #expect(try settings(file).sources.first?.shown == "tag v* in ^1.2")
            #expect(try settings(file + ["--branch", "b"]).sources.first?.following == .branch("b"))
        }
        try await withConfiguration("sources: [{name: web, repo: r, semver: ~2}]\n") { (folder: String) throws in
            let source = try settings(["--config", folder + "/c.yaml"]).sources.first
            #expect(source?.following == .tag(TagRule(range: try VersionRange("~2"))))
            #expect(source?.shown == "web (tag ~2)")
        }
    }

    @Test func howARepositoryIsReachedIsRelativeToTheFile() async throws {
        let keys = "ssh: {key: k, known_hosts: /h}\ntls: {ca: c, certificate: d, key: e}\ncredentials: {command: ./x}\n"
        let entry = keys.split(separator: "\n").map { "    \($0)\n" }.joined()
        for text in [
            "repo: r\ntransport: git\n" + keys, "sources:\n  - name: web\n    repo: r\n    transport: git\n" + entry,
        ] {
            try await withConfiguration(text) { (folder: String) throws in
                let access = try settings(["--config", folder + "/c.yaml"]).sources.first?.access
                #expect(
                    access
                        == GitAccess(
                            transport: .git, credentials: .command("./x"),
                            ssh: SSHAccess(key: folder + "/k", knownHosts: "/h"),
                            tls: TLSAccess(
                                authorities: folder + "/c", certificate: folder + "/d", key: folder + "/e"),
                            folder: folder))
            }
        }
    }

    @Test func pathsInTheFileAreRelativeToIt() async throws {
        try await withConfiguration("repo: ../r\nstate: st\n") { (folder: String) throws in
            let settings = try settings(["--config", folder + "/c.yaml"])
            #expect(settings.sources.first?.repo == folder + "/../r")
            #expect(settings.state == folder + "/st")
            #expect(settings.configFolder == folder)
        }
        #expect(Paths.address("https://host/r.git", from: "/etc") == "https://host/r.git")
        #expect(Paths.address("/srv/r", from: "/etc") == "/srv/r")
        #expect(Paths.folder(of: "/reconcile.yaml") == "/")
        #expect(Paths.folder(of: "reconcile.yaml") == ".")
    }

    @Test func aNamedFileMustBeThereAndRight() async throws {
        let missing = #expect(throws: CommandFailure.self) { try settings(["--config", "/nonexistent/c.yaml"]) }
        #expect(missing?.status == 1)
        try await withConfiguration("brunch: x\n") { (folder: String) throws in
            let bad = #expect(throws: CommandFailure.self) { try settings(["--config", folder + "/c.yaml"]) }
            #expect(bad?.description.contains("c.yaml:1:1: error:") == true)
        }
    }

    @Test func flagsHaveVariablesToo() throws {
        #expect(try settings([], ["RECONCILE_NO_DRIFT": "1"]).trustsRecord)
        #expect(try settings([], ["RECONCILE_ALLOW_DELETE": "true"]).allowDelete)
        #expect(try !settings([], ["RECONCILE_NO_DRIFT": "0"]).trustsRecord)
        #expect(try settings([], ["RECONCILE_OUTPUT": "json"]).output == .json)
        #expect(try !settings([], ["NO_COLOR": "1"]).wantsColor)
        #expect(try settings([], ["NO_COLOR": ""]).wantsColor)
        #expect(try !settings(["--no-color"]).wantsColor)
    }

    @Test(arguments: [
        ("RECONCILE_GIT_TIMEOUT", "soon"), ("RECONCILE_NO_DRIFT", "perhaps"), ("RECONCILE_OUTPUT", "xml"),
    ])
    func aWrongVariableIsNamed(name: String, value: String) throws {
        let error = #expect(throws: CommandFailure.self) { try settings([], [name: value]) }
        #expect(error?.status == 64)
        #expect(error?.message.contains(name) == true)
    }

    @Test func withoutARepositoryTheNextStepIsNamed() throws {
        let error = #expect(throws: CommandFailure.self) { try settings().namedSources() }
        #expect(error?.description.contains("reconcile init") == true)
        #expect(error?.status == 64)
    }
}
