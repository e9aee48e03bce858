import Foundation
import Glibc
import Model
import Processes
import TestSupport
import Testing

/// Engines, ports and versions that fail in the middle of a rollout: the end is always one version, whole, and the exit status
/// says which.
@Suite(
    .fewAtOnce, .enabled(if: ContainerWorld.missing == nil, "\(ContainerWorld.missing ?? "")"), .timeLimit(.minutes(15))
)
struct ContainerBadDayTests {
    private static let watching = "strategy: canary, steps: [{weight: 50%}, {monitor: 1s}]"

    /// Lends a world whose engine is reached through something that can stand in the way.
    private func withProxy(
        _ body: @escaping @Sendable (ContainerWorld, EngineProxy) async throws -> Void
    ) async throws {
        let engine = try await DockerEngine.shared()
        try await EngineProxy.run(to: engine.socket) { proxy in
            try await ContainerWorld.with(engine, address: proxy.address) { here in try await body(here, proxy) }
        }
    }

    @Test func anEngineThatAnswersSlowly() async throws {
        try await withProxy { here, proxy in
            try await here.deploy("1", Self.watching)
            proxy.manner = .slow(150)
            try await here.commit("2", Self.watching)
            await here.expectPass("0 applied")
            proxy.manner = .passing
            try await here.expectWhole("2")
        }
    }

    @Test func anEngineThatFailsBeforeAnythingIsDone() async throws {
        try await withProxy { here, proxy in
            try await here.deploy("1", Self.watching)
            try await here.commit("2", Self.watching)
            proxy.manner = .failing
            let run = await here.expectPass("1 error")
            #expect(run.output.contains("answered 500: all is lost"), "\(run.output)")
            proxy.manner = .passing
            try await here.expectWhole("1")
            #expect(await here.pass().status == 0)
            try await here.expectWhole("2")
        }
    }

    @Test(arguments: ["start", "monitor", "stop"]) func anEngineThatFailsForAWhile(step: String) async throws {
        try await withProxy { here, proxy in
            try await here.deploy("1", Self.watching)
            try await here.commit("2", Self.watching)
            async let pass = here.pass()
            try await eventually("it is at \(step)") {
                try await here.world.sql(
                    "SELECT count(*) FROM steps WHERE reconcile_id = 2 AND kind = '\(step)' AND state <> 'planned'")
                    != ["0"]
            }
            proxy.manner = .failing
            proxy.cut()
            try await Task.sleep(for: .milliseconds(1500))
            proxy.manner = .passing
            let run = await pass
            #expect(proxy.failures > 0, "it failed while nothing was asked of it")
            let last = run.status == 1 ? try await here.settled() : run
            #expect([0, 3].contains(last.status), "\(run.output) \(run.errors) \(last.output)")
            try await here.expectWhole(last.status == 0 ? "2" : "1", "\(run.output) \(last.output)")
        }
    }

    @Test func anEngineWithoutDisk() async throws {
        try await DockerEngine.own(disk: "64m") { engine in
            try await ContainerWorld.with(engine) { here in
                try await here.commit("1", Self.watching)
                let first = await here.pass()
                #expect(first.status == 0, "\(first.output) \(first.errors)")
                try await engine.fillDisk()
                try await here.commit("2", Self.watching)
                let full = await here.expectPass("3 rolled-back")
                #expect(full.output.contains("no disk space left"), "\(full.output)")
                try await here.expectWhole("1")
                try await engine.freeDisk()
                try await here.deploy("3", Self.watching)
                try await here.expectWhole("3")
            }
        }
    }

    @Test func portsThatAreTaken() async throws {
        try await ContainerWorld.with { shared in
            var here = shared
            here.replicas = 1
            let port = try TestServer.freePort()
            let holder = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            _ = try TestServer.bind(holder, port: port)
            listen(holder, 1)
            try await here.commit("1", "order: stop-first", port: port)
            let first = await here.pass()
            close(holder)
            #expect(here.end(first) == "1 failed", "\(first.output) \(first.errors)")
            let none = try await here.versions()
            #expect(none.isEmpty, "nothing is left of what could not start")
            #expect(await here.world.reconcile("resume", here.name).status == 0)
            #expect(try await here.settled().status == 0)
            try await here.expectWhole("1")
            // Beside the old one there is no place for a new one.
            try await here.commit("2", "order: start-first", port: port)
            await here.expectPass("3 rolled-back")
            try await here.expectWhole("1")
            try await here.deploy("2", "order: stop-first", port: port)
            try await here.expectWhole("2")
        }
    }

    @Test func somebodyElsesContainerWithOurName() async throws {
        try await ContainerWorld.with { here in
            try await here.deploy("1", Self.watching)
            let names = (3...4).map { "reconcile.\(here.name).web-\($0)" }
            for name in names {
                try await here.engine.docker("run", "--detach", "--name", name, WebImages.name + ":1")
            }
            try await here.commit("2", Self.watching)
            let run = await here.expectPass("3 rolled-back")
            #expect(run.output.contains("is not ours: rename or remove it"), "\(run.output)")
            try await here.expectWhole("1")
            for name in names {
                #expect(try await here.engine.docker("inspect", "--format", "{{.State.Status}}", name) == "running\n")
                try await here.engine.docker("rm", "--force", name)
            }
            try await here.deploy("3", Self.watching)
            try await here.expectWhole("3")
        }
    }

    @Test func whatIsKilledForWantOfMemoryIsSeenByTheMonitor() async throws {
        try await ContainerWorld.with { here in
            let steps = "strategy: canary, steps: [{weight: 50%}, {monitor: 1m}]"
            let more = """
                resources: {memory: 16Mi}
                monitor: [{name: memory, container: memory-kills, interval: 100ms}]
                """
            try await here.deploy("1", steps)
            // Only the monitor asks often: health would find what does not run any more.
            try await here.commit("greedy", steps, interval: "10s", more: more)
            async let pass = here.pass()
            try await eventually("the monitor measures") {
                try await here.world.sql("SELECT count(*) FROM measurements WHERE monitor = 'memory'") != ["0"]
            }
            let id = try await here.engine.docker(
                "ps", "--quiet", "--last", "1", "--filter", "label=reconcile.environment=\(here.name)", "--filter",
                "label=version=greedy")
            try await here.engine.docker(
                "exec", id.trimmingCharacters(in: .whitespacesAndNewlines), "touch", "/tmp/go")
            let run = await pass
            #expect(here.end(run) == "3 rolled-back", "\(run.output) \(run.errors)")
            let failed = try await here.world.sql(
                "SELECT DISTINCT value FROM measurements WHERE monitor = 'memory' AND verdict = 'fail'")
            #expect(failed == ["1.0"], "\(run.output)")
            try await here.expectWhole("1")
        }
    }

    @Test func limitsAreSetAndAChangeOfThemIsRolledOut() async throws {
        try await ContainerWorld.with { here in
            func limits() async throws -> Set<Substring> {
                let ids = try await here.engine.docker(
                    "ps", "--quiet", "--filter", "label=reconcile.environment=\(here.name)")
                var found: Set<Substring> = []
                for id in ids.split(separator: "\n") {
                    let text = try await here.engine.docker(
                        "inspect", "--format", "{{.HostConfig.NanoCpus}} {{.HostConfig.Memory}}", String(id))
                    found.formUnion(text.split(separator: "\n"))
                }
                return found
            }
            try await here.deploy("1", more: "resources: {cpu: 500m, memory: 64Mi}")
            var seen = try await limits()
            #expect(seen == ["500000000 67108864"])
            try await here.deploy("1", more: "resources: {cpu: \"1\", memory: 96Mi}")
            seen = try await limits()
            #expect(seen == ["1000000000 100663296"])
            // As Kubernetes reads it this is half a byte: never taken for no limit at all.
            try await here.commit("1", more: "resources: {memory: 512m}")
            let run = await here.pass()
            #expect(here.end(run) == "1 error" && run.output.contains("an amount of bytes"), "\(run.output)")
            seen = try await limits()
            #expect(seen == ["1000000000 100663296"])
        }
    }

    /// The balancer is told of the one that died by the rollout that repairs it, not only by one after that.
    @Test func whatDiedIsOutOfTheBalancerWhenItIsRepaired() async throws {
        try await ContainerWorld.with { here in
            try await here.deploy("1")
            let id = try await here.engine.docker(
                "ps", "--quiet", "--last", "1", "--filter", "label=reconcile.environment=\(here.name)")
            try await here.engine.docker("kill", id.trimmingCharacters(in: .whitespacesAndNewlines))
            try await eventually("the engine shows it") { try await here.versions().contains { $0 != "1" } }
            await here.expectPass("0 applied")
            try await here.expectWhole("1")
            await here.expectPass("0 in-sync")
        }
    }

    @Test func recreateRunsNoTwoVersionsTogether() async throws {
        try await ContainerWorld.with { here in
            try await here.deploy("1", "strategy: recreate")
            try await here.commit("2", "strategy: recreate")
            await here.expectPass("0 applied")
            let order = try await here.world.sql(
                """
                SELECT (SELECT max(finished_at) FROM steps WHERE reconcile_id = 2 AND kind = 'stop')
                    <= (SELECT min(started_at) FROM steps WHERE reconcile_id = 2 AND kind = 'start')
                """)
            #expect(order == ["1"], "all stop before any starts")
            try await here.expectWhole("2")
            try await here.commit("failing", "strategy: recreate", deadline: "2s")
            await here.expectPass("3 rolled-back")
            try await here.expectWhole("2")
        }
    }

    @Test func aPreviewThatFailsGivesTheNewSideNothing() async throws {
        try await ContainerWorld.with { here in
            try await here.deploy("1", "strategy: blue-green, keep_old: 200ms")
            let (_, tally) = try await Load(port: here.balancer.port).run(during: {
                try await here.commit(
                    "2", "strategy: blue-green, keep_old: 200ms, preview: [{http: /none, port: 8080, expect: 200}]")
                await here.expectPass("3 rolled-back")
            })
            #expect(tally.failures.isEmpty && Set(tally.answers.keys) == ["1\n"], "\(tally.answers) \(tally.failures)")
            try await here.expectWhole("1")
        }
    }

    @Test func aMonitorWithoutDataWaitsAndGoesOnLater() async throws {
        try await ContainerWorld.with { here in
            let steps = "strategy: canary, steps: [{weight: 50%}, {monitor: 500ms}]"
            let file = here.world.root + "/queue"
            let monitor = "monitor: [{name: queue, command: \"cat \(file)\", max: 1, interval: 100ms}]"
            try await here.deploy("1", steps, more: monitor)
            try await here.commit("2", steps, more: monitor)
            for _ in 1...2 {
                await here.expectPass("4 waiting")
                let answering = await here.answers()
                #expect(answering.versions == ["1", "2"] && answering.failures.isEmpty, "\(answering)")
            }
            try "0\n".write(toFile: file, atomically: true, encoding: .utf8)
            await here.expectPass("0 applied")
            try await here.expectWhole("2")
        }
    }

    @Test func aNewSideThatFailsInItsBakeGoesBackInOneStep() async throws {
        try await ContainerWorld.with { here in
            let steps = "strategy: blue-green, keep_old: 1m"
            let monitor = "monitor: [{name: errors, command: \"echo 1\", max: 0.01, interval: 100ms, failures: 2}]"
            try await here.deploy("1", steps)
            let (_, tally) = try await Load(port: here.balancer.port).run(during: {
                try await here.commit("2", steps, more: monitor)
                await here.expectPass("3 rolled-back")
            })
            #expect(tally.failures.isEmpty && tally.answers["2\n"] != nil, "the new side had all: \(tally.answers)")
            let shifts = try await here.world.sql(
                "SELECT detail FROM steps WHERE reconcile_id = 2 AND kind = 'shift-traffic' AND state = 'done' ORDER BY id"
            )
            #expect(shifts.count == 2, "there, and back: \(shifts)")
            try await here.expectWhole("1")
        }
    }
}
