import Foundation
import TestSupport
import Testing

/// What is watched once a new version has everything.
@Suite struct LateMonitorTests {
    private static func web(
        _ world: World, _ version: String, strategy: String, span: String
    ) -> [String: String] {
        let steps = strategy == "canary" ? "{weight: 100%}, {monitor: \(span)}" : "{monitor: \(span)}"
        let more = strategy == "blue-green" ? ", keep_old: 0s" : ""
        return [
            "staging/web.yaml": world.workload(
                version: version, replicas: 2,
                rollout: "{strategy: \(strategy), min_healthy_time: 0s, drain_timeout: 0s\(more), steps: [\(steps)]}",
                more: "monitor: [{name: errors, command: 'test ! -e \(world.root)/bad', interval: 100ms, timeout: 60s}]"
            )
        ]
    }

    @Test(arguments: ["rolling", "canary", "blue-green", "recreate"])
    func aMonitorThatFailsTakesItBack(_ strategy: String) async throws {
        try await World.with { world in
            var files = Self.web(world, "1", strategy: strategy, span: "1h")
            files["staging/environment.yaml"] = World.environment("interval: 1h")
            try await world.repository.commit(files)
            #expect(await world.pass().came(0, "applied"), "the first version has nothing to be compared with")
            try await world.repository.commit(Self.web(world, "2", strategy: strategy, span: "1s"))
            let good = await world.pass()
            #expect(good.came(0, "applied"), "\(good.output) \(good.errors)")
            #expect(try await world.sql("SELECT state FROM steps WHERE kind = 'monitor'") == ["done"])
            try "".write(toFile: world.root + "/bad", atomically: true, encoding: .utf8)
            try await world.repository.commit(Self.web(world, "3", strategy: strategy, span: "1h"))
            let bad = await world.pass()
            #expect(bad.came(3, "rolled-back"), "\(bad.output) \(bad.errors)")
            #expect(bad.output.contains("monitor errors"), "\(bad.output)")
            let versions = (1...4).compactMap { world.version("web-\($0)") }
            #expect(versions == ["2", "2"], "\(versions)")
            #expect(world.acts.count { $0.hasSuffix(" 3") } == 2, "all of version 3 was there")
        }
    }

    /// A newer commit that wants the same version takes over in the middle: what was being watched is watched again.
    @Test func whatWasSupersededWhileItWasWatchedIsWatchedAgain() async throws {
        try await World.with { world in
            var files = Self.web(world, "1", strategy: "rolling", span: "1h")
            files["staging/environment.yaml"] = World.environment("interval: 1h")
            try await world.repository.commit(files)
            let loop = try await Background.run(world)
            do {
                try await world.applied(1)
                func untilItWatches(_ id: Int) async throws {
                    try await eventually("reconcile \(id) watches") {
                        try await world.sql(
                            "SELECT count(*) FROM steps WHERE reconcile_id = \(id) AND kind = 'monitor' AND state = 'running'"
                        )
                            == ["1"]
                    }
                }
                try await world.repository.commit(Self.web(world, "2", strategy: "rolling", span: "1h"))
                _ = await world.reconcile("wake")
                try await untilItWatches(2)
                try await world.repository.commit(["staging/other.yaml": world.workload("other")])
                _ = await world.reconcile("wake")
                try await untilItWatches(3)
                #expect(try await world.sql("SELECT outcome FROM reconciles WHERE id = 2") == ["superseded"])
                #expect(world.acts.count { $0.hasSuffix(" 2") } == 2, "it is not started again")
                try "".write(toFile: world.root + "/bad", atomically: true, encoding: .utf8)
                try await eventually("it is taken back") {
                    try await world.sql("SELECT outcome FROM reconciles WHERE id = 3") == ["rolled-back"]
                }
                #expect((1...2).map { world.version("web-\($0)") } == ["1", "1"])
            } catch {
                await loop.end()
                throw error
            }
            await loop.end()
        }
    }
}
