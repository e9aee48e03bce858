import Foundation
import Synchronization
import TestSupport
import Testing

/// Workloads that scale themselves by a metric: a command that reads a file, and a real HTTP server.
@Suite struct AutoscalingTests {
    /// What the test says of the load; every instance has the same.
    private static func load(_ world: World, _ text: String?) throws {
        let path = world.root + "/load"
        if let text {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        } else {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    private static func file(_ world: World) -> String { "{command: 'cat \(world.root)/load'}" }

    private static func web(
        _ world: World, _ version: String = "1", metric: String? = nil, windows: String = "scale_down: 0s",
        limits: String = "min: 2, max: 6", rollout: String = "{min_healthy_time: 0s, max_parallel: 4}",
        before: String = "true", interval: String = "1h"
    ) -> [String: String] {
        let more =
            "autoscaling: {\(limits), name: cpu, metric: \(metric ?? file(world)), target: 0.5, timeout: 60s, \(windows)}"
        return [
            "staging/environment.yaml": World.environment("interval: \(interval)"),
            "staging/web.yaml": world.workload(
                version: version, replicas: 2, before: before, rollout: rollout, more: more),
        ]
    }

    private static func running(_ world: World, version: String = "1") -> Int {
        (1...8).count { world.version("web-\($0)") == version }
    }

    /// A world with two instances at version 1 and a metric that is as wanted.
    private static func with(
        _ files: (World) -> [String: String], _ body: (World) async throws -> Void
    ) async throws {
        try await World.with { world in
            try load(world, "0.5")
            try await world.repository.commit(files(world))
            let first = await world.pass()
            #expect(first.came(0, "applied"), "\(first.output) \(first.errors)")
            #expect(running(world) == 2)
            try await body(world)
        }
    }

    /// Passes: it ends so, and so many instances have a version then.
    @discardableResult
    private static func expectPass(
        _ world: World, _ status: Int32, _ outcome: String, running count: Int, version: String = "1",
        note: String = "", at place: SourceLocation = #_sourceLocation
    ) async -> World.Run {
        let run = await world.pass()
        #expect(run.came(status, outcome), "\(run.output) \(run.errors)", sourceLocation: place)
        #expect(running(world, version: version) == count, "\(note)", sourceLocation: place)
        return run
    }

    @Test func aMetricScalesAndTheRecordSaysWhy() async throws {
        try await Self.with({ Self.web($0) }) { world in
            #expect(await world.pass().came(0, "in-sync"))
            try Self.load(world, "0.91")
            let dry = await world.reconcile("--dry-run", "-o", "json")
            #expect(try dry.outcome("staging") == "planned", "\(dry.output)")
            #expect(dry.output.contains("web: 2 to 4, because cpu is 0.91 where 0.5 is wanted"), "\(dry.output)")
            #expect(try await world.sql("SELECT count FROM scales") == ["2"], "a dry run records nothing")
            #expect(try await world.sql("SELECT DISTINCT count FROM recommendations") == ["2"])
            #expect(Self.running(world) == 2)
            let up = await Self.expectPass(world, 0, "applied", running: 4)
            #expect(world.acts.sorted() == (1...4).map { "apply web-\($0) 1" }, "nobody else was touched")
            let change = try #require((try up.environment("staging")["changes"] as? [[String: Any]])?.first)
            #expect(change["cause"] as? String == "commit")
            #expect(change["because"] as? String == "web: 2 to 4, because cpu is 0.91 where 0.5 is wanted")
            #expect(
                try await world.sql("SELECT reason, \"trigger\" FROM reconciles ORDER BY id DESC LIMIT 1") == [
                    "web: 2 to 4, because cpu is 0.91 where 0.5 is wanted|manual"
                ])
            #expect(
                try await world.sql("SELECT cause, path, from_value, to_value FROM changes WHERE because IS NOT NULL")
                    == ["commit|replicas|2|4"])
            #expect(
                try await world.sql("SELECT DISTINCT kind FROM steps WHERE reconcile_id = 2") == ["start"])
            for command in [["show", "2"], ["why", "staging"], ["status"]] {
                let said = await world.reconcile(command)
                #expect(said.output.contains("cpu is 0.91 where 0.5 is wanted"), "\(said.output)")
            }
            try Self.load(world, "0.1")
            await Self.expectPass(world, 0, "applied", running: 2)
            #expect(
                try await world.sql("SELECT reason FROM reconciles ORDER BY id DESC LIMIT 1") == [
                    "web: 4 to 2, because cpu is 0.1 where 0.5 is wanted; 2 is the least"
                ])
            #expect(try await world.sql("SELECT count(*) FROM changes WHERE cause = 'drift'") == ["0"])
        }
    }

    @Test func windowsHoldItBack() async throws {
        try await Self.with({ Self.web($0, windows: "scale_up: 1h, scale_down: 1h") }) { world in
            func age() async throws {
                // As if the recommendations had been made two hours ago.
                try await world.write(
                    "UPDATE recommendations SET at = strftime('%Y-%m-%dT%H:%M:%fZ', at, '-2 hours')")
            }
            #expect(await world.pass().came(0, "in-sync"))
            try Self.load(world, "1")
            #expect(await world.pass().came(0, "in-sync"))
            let why = await world.reconcile("why", "staging")
            #expect(why.output.contains("web has 2: cpu is 1 where 0.5 is wanted; 4 would do"), "\(why.output)")
            #expect(Self.running(world) == 2)
            // Only the newest is still within the window.
            try await age()
            try await world.write(
                """
                INSERT INTO recommendations(environment, workload, at, count)
                VALUES ('staging', 'web', strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-1 minute'), 3)
                """)
            await Self.expectPass(world, 0, "applied", running: 3, note: "the lowest of the window")
            #expect(
                try await world.sql(
                    "SELECT count(*) FROM recommendations WHERE at < strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-1 hour')")
                    == ["0"], "what is older than the longest window goes")
            try Self.load(world, "0.01")
            await Self.expectPass(world, 0, "in-sync", running: 3)
            try await age()
            #expect(await world.pass().came(0, "in-sync"), "after a rest, what there is counts as recommended")
            try await age()
            try await world.write(
                """
                INSERT INTO recommendations(environment, workload, at, count)
                VALUES ('staging', 'web', strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-1 minute'), 2)
                """)
            await Self.expectPass(world, 0, "applied", running: 2)
        }
    }

    @Test func withoutDataTheCountStaysAndThatIsSaid() async throws {
        try await Self.with({ Self.web($0) }) { world in
            try Self.load(world, "1")
            await Self.expectPass(world, 0, "applied", running: 4)
            for nothing in [nil, "nan", "-1", "much"] as [String?] {
                try Self.load(world, nothing)
                let run = await world.pass()
                #expect(run.came(0, "in-sync"), "\(run.output)")
                #expect(run.output.contains("web stays at 4, because cpu cannot be measured"), "\(run.output)")
                #expect(Self.running(world) == 4)
            }
            #expect(
                try await world.sql(
                    "SELECT outcome, reason LIKE '%web stays at 4%' FROM reconciles ORDER BY id DESC LIMIT 1")
                    == ["in-sync|1"], "that it cannot be measured is news")
            #expect(try await world.sql("SELECT count, value FROM scales") == ["4|"])
            let status = await world.reconcile("status")
            #expect(status.output.contains("staging/web has 4: cpu cannot be measured"), "\(status.output)")
            let dry = await world.reconcile("--dry-run", "-o", "json")
            #expect(dry.output.contains("cannot be measured"), "\(dry.output)")
            try Self.load(world, "0.25")
            await Self.expectPass(world, 0, "applied", running: 2)
        }
    }

    @Test func aCommitInBetweenKeepsTheCount() async throws {
        try await Self.with({ Self.web($0) }) { world in
            try Self.load(world, "1")
            #expect(await world.pass().came(0, "applied"))
            // Nothing scales while a version is not there yet, whatever is measured.
            try Self.load(world, "0.01")
            try await world.repository.commit(Self.web(world, "2"))
            await Self.expectPass(world, 0, "applied", running: 4, version: "2")
            try Self.load(world, "0.5")
            await Self.expectPass(world, 0, "in-sync", running: 4, version: "2")
            try await world.repository.commit(Self.web(world, "3", before: "exit 1"))
            await Self.expectPass(world, 3, "rolled-back", running: 4, version: "2")
            try Self.load(world, "1")
            let held = await world.pass()
            #expect(held.status == 3, "\(held.output)")
            #expect(Self.running(world, version: "2") == 4, "nothing scales while it is held")
            try await world.repository.commit(Self.web(world, "2", limits: "min: 2, max: 3"))
            await Self.expectPass(world, 0, "applied", running: 3, version: "2", note: "the limits hold")
        }
    }

    @Test func aPauseAndWhatIsMissingComeFirst() async throws {
        try await Self.with({ Self.web($0) }) { world in
            try Self.load(world, "1")
            await world.reconcile("pause", "staging")
            #expect(await world.pass().status == 4)
            #expect(Self.running(world) == 2)
            await world.reconcile("resume", "staging")
            try FileManager.default.removeItem(atPath: world.live + "/staging-web-2")
            let repair = await world.pass()
            #expect(repair.came(0, "applied") && repair.output.contains("drift repaired"), "\(repair.output)")
            #expect(Self.running(world) == 2)
            await Self.expectPass(world, 0, "applied", running: 4)
            // Of four in force, one that is missing is drift: the count does not follow it.
            try FileManager.default.removeItem(atPath: world.live + "/staging-web-4")
            try Self.load(world, "0.5")
            await Self.expectPass(world, 0, "applied", running: 4)
        }
    }

    @Test func scalingThatFailsIsTriedAgainAndTakesNothingBack() async throws {
        let before = "test \"$RECONCILE_INSTANCE\" != web-4 || test -e \"$ROOT/allowed\""
        try await Self.with({ Self.web($0, before: before) }) { world in
            try Self.load(world, "1")
            await Self.expectPass(world, 1, "failed", running: 3)
            try "".write(toFile: world.live + "/allowed", atomically: true, encoding: .utf8)
            let again = await world.pass()
            #expect(again.came(0, "applied") && !again.output.contains("drift"), "\(again.output)")
            #expect(Self.running(world) == 4)
            #expect(try await world.sql("SELECT count(*) FROM changes WHERE cause = 'drift'") == ["0"])
            #expect(try await world.sql("SELECT count, because FROM scales") == ["4|"])
        }
    }

    @Test func threeScalingsThatFailHoldItUntilAPersonOrACommitSaysSo() async throws {
        let before = "test \"$RECONCILE_INSTANCE\" != web-4 || test -e \"$ROOT/allowed\""
        try await Self.with({ Self.web($0, before: before) }) { world in
            func fail() async throws {
                for number in 1...3 {
                    let failed = await world.pass()
                    #expect(failed.came(1, "failed"), "\(number): \(failed.output) \(failed.errors)")
                }
                await Self.expectPass(
                    world, 3, "held", running: 3, note: "nothing is taken back, and nothing more is tried")
                for command in ["status", "why staging"] {
                    let said = await world.reconcile(command.split(separator: " ").map(String.init))
                    #expect(
                        said.output.contains("it could not be scaled 3 times") && said.output.contains("web-4"),
                        "\(said.output)")
                }
                #expect(await world.reconcile("why", "staging").output.contains("reconcile resume staging"))
                #expect(await world.pass().came(3, "held"), "it stays held")
                let tries = try await world.sql("SELECT count(*) FROM reconciles WHERE outcome = 'failed'")
                #expect(tries.first.flatMap { Int($0) }.map { $0 % 3 } == 0, "\(tries)")
            }
            try Self.load(world, "1")
            try await fail()
            // A person who has seen to it says so.
            #expect(await world.reconcile("resume", "staging").status == 0)
            try "".write(toFile: world.live + "/allowed", atomically: true, encoding: .utf8)
            await Self.expectPass(world, 0, "applied", running: 4)
            try FileManager.default.removeItem(atPath: world.live + "/allowed")
            // And so does a commit.
            try Self.load(world, "0.25")
            await Self.expectPass(world, 0, "applied", running: 2)
            try Self.load(world, "1")
            try await fail()
            try await world.repository.commit(Self.web(world, limits: "min: 2, max: 3", before: before))
            let mended = await world.pass()
            #expect(mended.status == 0, "\(mended.output) \(mended.errors)")
            #expect(Self.running(world) == 3)
            #expect(try await world.sql("SELECT count(*) FROM changes WHERE cause = 'drift'") == ["0"])
        }
    }

    @Test func theLoopScalesByItselfAndSurvivesItsEnd() async throws {
        try await Self.with({ Self.web($0, limits: "min: 2, max: 4", interval: "1s") }) { world in
            try Self.load(world, "1")
            var loop = try await Background.run(world)
            try await eventually("four run") { Self.running(world) == 4 }
            try Self.load(world, "0.5")
            #expect(await loop.end().status == 0)
            loop = try await Background.run(world)
            let passes = "SELECT passes FROM environments"
            let begin = try #require(Int(try await world.sql(passes).first ?? ""))
            try await eventually("it passes again") {
                Int(try await world.sql(passes).first ?? "") ?? 0 > begin + 2
            }
            #expect(Self.running(world) == 4, "the count survives a restart")
            try await world.repository.commit(Self.web(world, "2", limits: "min: 2, max: 4", interval: "1s"))
            _ = await world.reconcile("wake")
            try await eventually("version 2 runs") { Self.running(world, version: "2") == 4 }
            try Self.load(world, "0.01")
            try await eventually("two are left") { Self.running(world, version: "2") == 2 }
            #expect(await loop.end().status == 0)
            #expect(try await world.sql("SELECT count(*) FROM changes WHERE cause = 'drift'") == ["0"])
        }
    }

    @Test func aServerIsAskedAndOneThatIsDownChangesNothing() async throws {
        let load = Mutex("0.5")
        let answer: @Sendable (String, Int) -> WebServer.Answer = { _, _ in
            .init(200, "{\"load\": {\"cpu\": \(load.withLock { $0 })}}")
        }
        try await World.with { world in
            try await WebServer.run(answer) { server in
                let metric = "{http: {url: 'http://\(server.address)/load', json: load.cpu}}"
                try await world.repository.commit(Self.web(world, metric: metric))
                #expect(await world.pass().came(0, "applied"))
                load.withLock { $0 = "1.5" }
                await Self.expectPass(world, 0, "applied", running: 6)
                #expect(server.requests.allSatisfy { $0.hasPrefix("GET /load ") } && !server.requests.isEmpty)
            }
            let down = await world.pass()
            #expect(down.came(0, "in-sync"), "\(down.output)")
            #expect(down.output.contains("web stays at 6, because cpu cannot be measured"), "\(down.output)")
            #expect(Self.running(world) == 6)
        }
    }
}
