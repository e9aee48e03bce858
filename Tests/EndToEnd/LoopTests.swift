import Foundation
import Glibc
import TestSupport
import Testing

/// The loop: pushes, signals, requests, and a newer commit in the middle.
@Suite struct LoopTests {
    private func deploy(
        _ world: World, _ version: String, rollout: String = "{min_healthy_time: 0s}", before: String = "true",
        replicas: Int = 1
    ) async throws {
        try await world.repository.commit(
            [
                "staging/environment.yaml": World.environment("interval: 1h"),
                "staging/web.yaml": world.workload(
                    version: version, replicas: replicas, before: before, rollout: rollout),
            ], message: "Version \(version)")
    }

    @Test func wakeDeploysAndATermEndsIt() async throws {
        try await World.with { world in
            try await deploy(world, "1")
            let loop = try await Background.run(world, "--log", "json")
            try await world.applied(1)
            try await deploy(world, "2")
            #expect(await world.reconcile("wake").status == 0)
            try await eventually("version 2 runs") { world.version("web-1") == "2" }
            let busy = await world.pass()
            #expect(
                busy.status == 1 && busy.errors.contains("\(loop.pid)") && busy.errors.contains("wake"),
                "\(busy.errors)")
            let ended = await loop.end()
            #expect(ended.status == 0, "\(ended)")
            let lines = ended.output.split(separator: "\n")
            #expect(
                !lines.isEmpty && lines.allSatisfy { (try? JSONSerialization.jsonObject(with: Data($0.utf8))) != nil },
                "\(ended.output)")
            #expect(try await world.sql("SELECT \"trigger\" FROM reconciles ORDER BY id") == ["start", "push"])
            #expect(await world.reconcile("wake").status == 1)
        }
    }

    @Test func aPushThroughTheHookDeploysAndABrokenOneIsRefused() async throws {
        try await World.with { world in
            try await deploy(world, "1")
            let git = world.repository
            let bare = world.root + "/bare.git"
            try await git.git("clone", "--quiet", "--bare", world.repository.path, bare)
            let hooks = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appending(path: "hooks").path
            for hook in ["post-receive", "pre-receive"] {
                try FileManager.default.copyItem(atPath: hooks + "/" + hook, toPath: bare + "/hooks/" + hook)
            }
            try await git.git("--git-dir", bare, "config", "reconcile.state", world.state)
            try await git.git("--git-dir", bare, "config", "reconcile.program", TestBinary.path)
            try await git.git("remote", "add", "origin", bare)
            let loop = try await Background.run(world, "--repo", bare)
            try await world.applied(1)
            try await deploy(world, "2")
            try await git.git("push", "--quiet", "origin", "main")
            try await eventually("version 2 runs") { world.version("web-1") == "2" }
            try await git.commit(["staging/web.yaml": "kind: Workload\nnam: web\n"])
            await #expect(throws: (any Error).self) { try await git.git("push", "--quiet", "origin", "main") }
            #expect(await loop.end().status == 0)
            #expect(world.version("web-1") == "2")
        }
    }

    @Test func aNewerCommitTakesOverAtTheNextStep() async throws {
        try await World.with { world in
            try await deploy(world, "1")
            let loop = try await Background.run(world)
            try await world.applied(1)
            // It would wait an hour to be sure of itself.
            try await deploy(world, "2", rollout: "{min_healthy_time: 1h, progress_deadline: 2h}")
            _ = await world.reconcile("wake")
            try await eventually("version 2 is on its way") { world.version("web-1") == "2" }
            try await deploy(world, "3")
            _ = await world.reconcile("wake")
            try await eventually("version 3 runs") { world.version("web-1") == "3" }
            try await eventually("it is recorded") {
                try await world.sql("SELECT outcome FROM reconciles ORDER BY id") == [
                    "applied", "superseded", "applied",
                ]
            }
            #expect(await loop.end().status == 0)
        }
    }

    @Test func abortIsAFailureNow() async throws {
        try await World.with { world in
            try await deploy(world, "1")
            let loop = try await Background.run(world)
            try await world.applied(1)
            try await deploy(world, "2", rollout: "{min_healthy_time: 1h, progress_deadline: 2h}")
            _ = await world.reconcile("wake")
            try await eventually("version 2 is on its way") { world.version("web-1") == "2" }
            let abort = await world.reconcile("abort", "staging")
            #expect(abort.status == 0, "\(abort.output) \(abort.errors)")
            try await eventually("version 1 is back") { world.version("web-1") == "1" }
            try await eventually("it is recorded") {
                try await world.sql("SELECT outcome FROM reconciles WHERE id = 2") == ["rolled-back"]
            }
            #expect(await loop.end().status == 0)
        }
    }

    @Test func aRolloutGoesOnUnderTheSameIDAfterTermAndAfterPause() async throws {
        try await World.with { world in
            // An instance is not healthy before its file is there.
            let gate = "  health: test -e \"$ROOT/$RECONCILE_INSTANCE-may\""
            func allow(_ instance: String) throws {
                try "".write(toFile: world.live + "/\(instance)-may", atomically: true, encoding: .utf8)
            }
            try await world.repository.commit([
                "staging/environment.yaml": World.environment("interval: 1h"),
                "staging/web.yaml": world.workload(replicas: 2, shell: gate),
            ])
            let first = try await Background.run(world)
            try await eventually("the first instance runs") { world.version("web-1") == "1" }
            #expect(await first.end().status == 0)
            #expect(try await world.sql("SELECT outcome IS NULL FROM reconciles") == ["1"])
            let second = try await Background.run(world)
            try allow("web-1")
            try await eventually("it goes on") { world.version("web-2") == "1" }
            let pause = await world.reconcile("pause", "staging")
            #expect(pause.status == 0, "\(pause.errors)")
            try await eventually("it is paused") { await world.reconcile("status").output.contains("paused") }
            try allow("web-2")
            #expect(await world.reconcile("resume", "staging").status == 0)
            try await eventually("it ends") {
                try await world.sql("SELECT id, outcome FROM reconciles") == ["1|applied"]
            }
            #expect(await second.end().status == 0)
            #expect(world.acts == ["apply web-1 1", "apply web-2 1"])
        }
    }

    @Test func aHangUpReadsTheConfigurationAgain() async throws {
        try await World.with { world in
            try await deploy(world, "1")
            let file = world.root + "/loop.yaml"
            try "interval: 1h\n".write(toFile: file, atomically: true, encoding: .utf8)
            let loop = try await Background.run(world, "--config", file)
            try await world.applied(1)
            try "intervall: 1h\n".write(toFile: file, atomically: true, encoding: .utf8)
            loop.signal(SIGHUP)
            try await eventually("it is refused") { loop.said.contains("was not taken over") }
            #expect(await world.reconcile("wake").status == 0, "a bad configuration leaves the old one in force")
            try "interval: 100ms\n".write(toFile: file, atomically: true, encoding: .utf8)
            loop.signal(SIGHUP)
            try await deploy(world, "2")
            try await eventually("version 2 runs without a wake") { world.version("web-1") == "2" }
            #expect(await loop.end().status == 0)
        }
    }

    @Test func everyNewOutcomeIsToldOnce() async throws {
        try await World.with { world in
            let environment = World.environment("interval: 1h", "notify: [{command: \"cat >>'\(world.root)/told'\"}]")
            try await world.repository.commit([
                "staging/environment.yaml": environment, "staging/web.yaml": world.workload(),
            ])
            for _ in 0..<3 { #expect(await world.pass().status == 0) }
            try await world.repository.commit(["staging/web.yaml": world.workload(version: "2", before: "exit 1")])
            for _ in 0..<3 { #expect(await world.pass().status == 3) }
            let told = (world.read("told") ?? "").split(separator: "\n")
            let outcomes = told.compactMap {
                (try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])?["outcome"] as? String
            }
            #expect(outcomes == ["applied", "rolled-back"])
        }
    }
}
