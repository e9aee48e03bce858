import Foundation
import Glibc
import Model
import Processes
import TestSupport
import Testing

extension SSHTests {
    /// What only ssh's own configuration knows.
    @Suite struct WayTests {
        /// Neither port nor jump host are in the manifest, and no workload is on the jump host.
        @Test func aHostOfTheInventoryIsOnTheWay() async throws {
            try await SSHWorld.with(2) { here in
                try await commit("1", hosts: "[h0]", here)
                let pass = await here.pass()
                #expect(pass.came(0, "applied"), "\(pass.output) \(pass.errors)")
                #expect(await here.versions() == "1-")
                await here.fleet.stop("h1")
                #expect(await here.pass().came(1, "error"))
            }
        }

        /// A process that goes on with what another one was killed in knows the way, too.
        @Test func anOpenRolloutIsGoneOnWith() async throws {
            try await SSHWorld.with(2) { here in
                try await commit("1", hosts: "all", here)
                #expect(await here.pass().came(0, "applied"))
                var kills = 0
                for (version, point) in ["after:1", "before:2", "after:2", "before:3", "after:3"].enumerated() {
                    try await commit("\(version + 2)", hosts: "all", here)
                    let killed = await here.pass(environment: ["RECONCILE_CRASH_AT": point])
                    if killed.ending == .signaled(SIGKILL) { kills += 1 }
                    let next = await here.pass()
                    #expect(next.status == 0, "killed \(point): \(next.output) \(next.errors)")
                    #expect(await here.versions() == "\(version + 2)\(version + 2)", "killed \(point)")
                }
                #expect(kills > 2, "a rollout writes more often than that")
            }
        }

        /// The host h0 is reached over h1, which the configuration of ssh alone says.
        private func commit(_ version: String, hosts: String, _ here: SSHWorld) async throws {
            let (host, gate) = (try await here.fleet.host("h0"), try await here.fleet.host("h1"))
            let config = here.world.root + "/ssh_config"
            let text = """
                Host inner
                  HostName 127.0.0.1
                  Port \(host.port)
                  User root
                  ProxyJump localhost
                Host localhost
                  Port \(gate.port)
                  User root

                """
            try text.write(toFile: config, atomically: true, encoding: .utf8)
            try await here.world.repository.commit([
                "keys/known_hosts": host.knownHosts + "[localhost]:\(gate.port) \(gate.key)\n",
                "staging/environment.yaml": World.environment(
                    "hosts:", "  h0: {address: inner, vars: {ROOT: \(host.root)}}",
                    "  gate: {address: localhost, vars: {ROOT: \(gate.root)}}",
                    "ssh: {known_hosts: keys/known_hosts, identity: \(here.fleet.identity), config: \(config), connect_timeout: 60s}"
                ),
                "staging/web.yaml": """
                kind: Workload
                name: web
                driver: ssh
                hosts: \(hosts)
                rollout: {min_healthy_time: 0s, max_parallel: 1}
                ssh:
                  files:
                    - {path: "{{ ROOT }}/app/version", content: "\(version)\\n"}

                """,
            ])
        }
    }
}
