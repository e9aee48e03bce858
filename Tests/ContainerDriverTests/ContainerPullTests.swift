import DriverKit
import FoundationEssentials
import Model
import Processes
import TestSupport
import Testing

@testable import ContainerDriver

/// Images that come from a registry that asks who we are.
@Suite(
    .fewAtOnce, .enabled(if: DockerEngine.missing == nil, "\(DockerEngine.missing ?? "")"),
    .enabled(if: Registry.missing == nil, "\(Registry.missing ?? "")"), .timeLimit(.minutes(15)))
struct ContainerPullTests {
    @Test func aTagMeansTheSameForAllOfAPlan() async throws {
        try await TemporaryFolder.with { folder in
            try await Registry.serve(in: folder) { registry in
                try await Bench.with { bench in
                    let image = registry.name + "/shop/web:1"
                    func push(_ local: String) async throws {
                        try await bench.engine.docker("tag", local, image)
                        try await bench.engine.docker("--config", registry.login, "push", image)
                        try await bench.engine.docker("rmi", image)
                    }
                    try Data("opensesame\n".utf8).write(to: URL(filePath: folder + "/password"))
                    let block: [String: Value] = [
                        "image": .string(image), "pull": .string("always"), "stop_grace": .int(0),
                        "registry": .map([
                            "username": .string("reconcile"), "password": .secret(.file(folder + "/password")),
                        ]),
                    ]
                    try await push(Images.web)
                    let pin = try #require(try await bench.driver.pin(bench.deployable(block)) { _ in })
                    #expect(pin["digest"].string?.hasPrefix("sha256:") == true)
                    // The tag moves while the plan runs.
                    try await push(Images.next)
                    let first = bench.target(1, block, pin: pin)
                    #expect(await bench.driver.apply(first).failure == nil)
                    #expect(await bench.observe(first) == first.running)
                    #expect(try await page(bench, 1) == "1\n")
                    let moved = try #require(try await bench.driver.pin(bench.deployable(block)) { _ in })
                    #expect(moved != pin)
                    let second = bench.target(2, block, pin: moved)
                    #expect(await bench.driver.apply(second).failure == nil)
                    #expect(try await page(bench, 2) == "2\n")
                    // What docker login wrote does, too; a wrong word does not, and is not told.
                    let file = block.merging([
                        "registry": .map(["config": .string(registry.login + "/config.json")])
                    ]) { $1 }
                    #expect(try await bench.driver.pin(bench.deployable(file)) { _ in } == moved)
                    let wrong = block.merging([
                        "registry": .map(["username": .string("reconcile"), "password": .string("wrong-word")])
                    ]) { $1 }
                    do throws(DriverFailure) {
                        _ = try await bench.driver.pin(bench.deployable(wrong)) { _ in }
                        Issue.record("a wrong password was taken")
                    } catch {
                        #expect(error.reason.contains("unauthorized"), "\(error.reason)")
                        #expect(!error.reason.contains("wrong-word"))
                    }
                }
            }
        }
    }

    @Test func aFileOfLoginsThatHasNoneIsNoSilentNobody() async throws {
        try await TemporaryFolder.with { folder in
            let image = try #require(ImageReference("registry.example/web:1"))
            for (text, reason) in [
                ("no json", "is no `config.json`"), ("{}", "has no login for registry.example"),
                (#"{"auths": {"other.example": {"auth": "YTpi"}}}"#, "has no login for registry.example"),
                (#"{"auths": {"registry.example": {}}, "credsStore": "pass"}"#, "to a credential helper"),
                (#"{"credHelpers": {"registry.example": "pass"}}"#, "to a credential helper"),
            ] {
                try Data(text.utf8).write(to: URL(filePath: folder + "/config.json"))
                do throws(SecretError) {
                    _ = try RegistryLogin.read(.map(["config": .string(folder + "/config.json")]), for: image)
                    Issue.record("\(text) is a login")
                } catch {
                    #expect(error.reason.contains(reason), "\(error)")
                }
            }
        }
    }

    @Test func whatIsHereIsTakenAsItIs() async throws {
        try await Bench.with { bench in
            let block: [String: Value] = ["image": .string(Images.web), "stop_grace": .int(0)]
            let pin = try #require(try await bench.driver.pin(bench.deployable(block)) { _ in })
            let id = try await bench.engine.docker("image", "inspect", "--format", "{{.Id}}", Images.web)
            #expect(pin["id"].string.map { $0 + "\n" } == id)
            let target = bench.target(1, block, pin: pin)
            #expect(await bench.driver.apply(target).failure == nil)
            #expect(await bench.observe(target) == target.running)
            let exact = "\(Images.web)@sha256:\(String(repeating: "0", count: 64))"
            #expect(try await bench.driver.pin(bench.deployable(["image": .string(exact)])) { _ in } == nil)
        }
    }

    private func page(_ bench: Bench, _ index: Int) async throws -> String {
        try await bench.engine.docker("exec", bench.name(index), "cat", "/www/index.html")
    }
}
