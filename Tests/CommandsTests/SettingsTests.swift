import ArgumentParser
import FoundationEssentials
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
        #expect(settings.repo == nil)
        #expect(settings.branch == "main")
        #expect(settings.state == ".reconcile")
        #expect(settings.path == "")
        #expect(settings.gitTimeout == .seconds(60))
        #expect(settings.interval == .seconds(30))
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
            #expect(try settings(file).branch == "file")
            #expect(try settings(file).gitTimeout == .seconds(1))
            #expect(try settings(file, variables).branch == "variable")
            #expect(try settings(file, variables).gitTimeout == .seconds(2))
            #expect(try settings(file, variables).state == "v")
            let options = file + ["--branch", "option", "--git-timeout", "3s", "--state", "o"]
            #expect(try settings(options, variables).branch == "option")
            #expect(try settings(options, variables).gitTimeout == .seconds(3))
            #expect(try settings(options, variables).state == "o")
            #expect(try settings([], ["RECONCILE_CONFIG": folder + "/c.yaml"]).branch == "file")
        }
    }

    @Test func pathsInTheFileAreRelativeToIt() async throws {
        try await withConfiguration("repo: ../r\nstate: st\n") { (folder: String) throws in
            let settings = try settings(["--config", folder + "/c.yaml"])
            #expect(settings.repo == folder + "/../r")
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
        let error = #expect(throws: CommandFailure.self) { try settings().repository() }
        #expect(error?.description.contains("reconcile init") == true)
        #expect(error?.status == 64)
    }
}
