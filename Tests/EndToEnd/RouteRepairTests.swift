import Foundation
import Model
import TestSupport
import Testing

/// Routes that are put right, and people who do not want to wait for that: a server of ours that nobody wants has a request
/// that never ends, so that taking it away lasts as long as `drain_timeout`.
@Suite(.enabled(if: HAProxyServer.isInstalled, "haproxy is not installed"), .timeLimit(.minutes(10)))
struct RouteRepairTests {
    private struct Here: Sendable {
        let world: World
        let balancer: HAProxyServer
        let loop: Background
        let stuck: HostileServer

        /// Adds a server that looks like ours, and waits until it has a request which it will not answer.
        func disturb() async throws {
            for line in [
                "add server web/web-9 127.0.0.1:\(stuck.port) weight 256", "set server web/web-9 state ready",
            ] { _ = try await balancer.say(line) }
            let port = balancer.port
            // It ends with the server.
            Task.detached { await Load(port: port, path: "/stuck", isKept: false).run(20, connections: 20) }
            try await eventually("a request is stuck") { stuck.received.contains("GET /stuck ") }
        }

        /// Waits until the loop has it leave.
        func untilItDrains() async throws {
            _ = await world.reconcile("wake")
            try await eventually("it drains") {
                try await balancer.say("show servers state web").split(separator: "\n").contains { row in
                    let cells = row.split(separator: " ")
                    return cells.count > 6 && cells[3] == "web-9" && cells[6] != "0"
                }
            }
        }

        func outcome() async throws -> String {
            let status = try await world.reconcile("status", "-o", "json").json()
            return (status["environments"] as? [[String: Any]])?.first?["outcome"] as? String ?? ""
        }
    }

    private static func files(_ world: World, _ version: String, _ balancer: HAProxyServer, port: Int) -> [String:
        String]
    {
        let traffic = """
            traffic:
              haproxy: {socket: \(balancer.socket), backend: web}
              addresses: ["127.0.0.1:\(port)", "127.0.0.1:\(port)"]
            """
        return [
            "staging/environment.yaml": World.environment("interval: 1h"),
            "staging/web.yaml": world.workload(
                version: version, replicas: 2,
                rollout:
                    "{strategy: canary, min_healthy_time: 0s, drain_timeout: 1h, progress_deadline: 1h, steps: [{weight: 50%}, {approve: true}]}",
                more: traffic),
        ]
    }

    /// A loop with version 1 in place behind HAProxy.
    private static func with(_ body: @Sendable (Here, (String) -> [String: String]) async throws -> Void) async throws {
        try await World.behindHAProxy { world, balancer in
            try await WebServer.run({ _, _ in .init() }) { web in
                try await HostileServer.run(.silent) { stuck in
                    let port = web.port
                    let files = { @Sendable in Self.files(world, $0, balancer, port: port) }
                    try await world.repository.commit(files("1"))
                    let loop = try await Background.run(world)
                    do {
                        try await world.applied(1)
                        try await body(
                            Here(world: world, balancer: balancer, loop: loop, stuck: stuck), files)
                    } catch {
                        await loop.end()
                        throw error
                    }
                    await loop.end()
                }
            }
        }
    }

    /// A rollout that waits for a person has its routes put right by each pass, before all else.
    @Test(arguments: ["pause", "abort"]) func whileARolloutWaits(_ command: String) async throws {
        try await Self.with { here, files in
            try await here.world.repository.commit(files("2"))
            _ = await here.world.reconcile("wake")
            try await eventually("it asks") { try await here.outcome() == "waiting" }
            let passes = "SELECT passes FROM environments"
            let before = try await here.world.sql(passes)
            try await here.disturb()
            try await here.untilItDrains()
            #expect(try await here.world.sql(passes) == before, "the pass is under way")
            let answer = await here.world.reconcile(command, "staging")
            #expect(answer.status == 0, "\(answer.output) \(answer.errors)")
            if command == "pause" {
                try await eventually("the pass has ended") { try await here.world.sql(passes) != before }
                #expect(try await here.outcome() == "paused")
            } else {
                try await eventually("it is on the way back") {
                    try await here.world.sql(
                        "SELECT count(*) FROM steps WHERE reconcile_id = 2 AND state = 'running' AND kind = 'shift-traffic'"
                    )
                        == ["1"]
                }
                // Nobody waits for the request any more: its client is gone.
                here.stuck.stop()
                try await eventually("it went back") {
                    try await here.world.sql("SELECT outcome FROM reconciles WHERE id = 2") == ["rolled-back"]
                }
                #expect(here.world.version("web-1") == "1" && here.world.version("web-2") == "1")
            }
        }
    }

    /// What is no rollout but drift of a balancer is repaired by one: it is ended at once.
    @Test func anAbortEndsARepairThatDrains() async throws {
        try await Self.with { here, _ in
            try await here.disturb()
            try await here.untilItDrains()
            let answer = await here.world.reconcile("abort", "staging")
            #expect(answer.status == 0, "\(answer.output) \(answer.errors)")
            try await eventually("the repair has ended") {
                try await here.world.sql("SELECT outcome FROM reconciles WHERE id = 2") == ["failed"]
            }
            let reason = try await here.world.sql("SELECT reason FROM reconciles WHERE id = 2")
            #expect(reason.first?.contains("aborted by hand") == true, "\(reason)")
        }
    }

    /// A pause lets the step under way come to its end, and nothing more is begun.
    @Test func aPauseStopsARepairAtItsStep() async throws {
        try await Self.with { here, _ in
            try await here.disturb()
            try await here.untilItDrains()
            let answer = await here.world.reconcile("pause", "staging")
            #expect(answer.status == 0 && answer.output.contains("next step"), "\(answer.output) \(answer.errors)")
            here.stuck.stop()
            try await eventually("the step has ended") {
                try await here.world.sql("SELECT count(*) FROM steps WHERE state = 'running'") == ["0"]
            }
            try await eventually("it is paused") { try await here.outcome() == "paused" }
        }
    }
}
