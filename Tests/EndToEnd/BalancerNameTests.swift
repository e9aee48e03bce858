import Foundation
import TestSupport
import Testing

/// One real HAProxy by two names: its socket and a link to it.
@Suite(.enabled(if: HAProxyServer.isInstalled, "haproxy is not installed"), .timeLimit(.minutes(5)))
struct BalancerNameTests {
    private static func files(
        _ world: World, _ version: String, socket: String, port: Int, before: String = "true"
    ) -> [String: String] {
        let traffic = """
            traffic:
              haproxy: {socket: \(socket), backend: web}
              addresses: ["127.0.0.1:\(port)", "127.0.0.1:\(port)"]
            """
        return [
            "staging/environment.yaml": World.environment(),
            "staging/web.yaml": world.workload(version: version, replicas: 2, before: before, more: traffic),
        ]
    }

    @Test func anotherNameOfTheSameSocketMovesNothing() async throws {
        try await World.behindHAProxy { world, balancer in
            try await WebServer.run({ _, _ in .init() }) { web in
                let port = web.port
                let link = world.root + "/link.sock"
                try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: balancer.socket)
                try await world.repository.commit(
                    Self.files(world, "1", socket: balancer.socket, port: port))
                #expect(await world.pass().came(0, "applied"))
                let (_, tally) = try await Load(port: balancer.port).run(during: {
                    // The name alone, then back and on together with a version that fails, and with one that is good.
                    try await world.repository.commit(Self.files(world, "1", socket: link, port: port))
                    let renamed = await world.pass()
                    #expect(renamed.came(0, "in-sync"), "\(renamed.output) \(renamed.errors)")
                    try await world.repository.commit(
                        Self.files(world, "2", socket: balancer.socket, port: port, before: "exit 1"))
                    let failed = await world.pass()
                    #expect(failed.came(3, "rolled-back"), "\(failed.output) \(failed.errors)")
                    #expect(!failed.output.contains("take all of web out"), "\(failed.output)")
                    try await world.repository.commit(
                        Self.files(world, "3", socket: balancer.socket, port: port))
                    let good = await world.pass()
                    #expect(good.came(0, "applied"), "\(good.output) \(good.errors)")
                })
                #expect(tally.failures.isEmpty && tally.total > 0, "\(tally.failures.prefix(3)) of \(tally.total)")
                let rows = try await balancer.say("show servers state web").split(separator: "\n")
                #expect(rows.count { $0.contains(" web-") } == 2, "\(rows)")
                // Two workloads at one place by two names are found where both are read.
                let other = world.workload(
                    "other", replicas: 2,
                    more: """
                        traffic: {haproxy: {socket: \(link), backend: web}, addresses: ["127.0.0.1:1", "127.0.0.1:2"]}
                        """)
                try await world.repository.commit(["staging/other.yaml": other])
                let both = await world.pass()
                #expect(both.came(1, "error"), "\(both.output) \(both.errors)")
                #expect(both.output.contains("is that of the workload"), "\(both.output)")
            }
        }
    }
}
