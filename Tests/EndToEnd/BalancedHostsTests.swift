import Foundation
import Model
import TestSupport
import Testing

extension SSHTests {
    /// Rollouts over hosts behind a real HAProxy while requests are asked all the time.
    @Suite(
        .enabled(if: BalancedHosts.missing == nil, "\(BalancedHosts.missing ?? "")"), .timeLimit(.minutes(10)))
    struct BalancedTests {
        private static let rolling = "max_parallel: 1"

        @Test func noRequestIsLostThereAndBackAndWhereAHostFails() async throws {
            try await BalancedHosts.with { here in
                try await here.commit("1", Self.rolling)
                let first = await here.pass()
                #expect(try await here.end(first) == "0 applied 1111", "\(first.output) \(first.errors)")
                let (_, tally) = try await Load(port: here.balancer.port).run(during: {
                    try await here.commit("2", Self.rolling)
                    let there = await here.pass()
                    #expect(try await here.end(there) == "0 applied 2222", "\(there.output) \(there.errors)")
                    #expect(try await here.flaws() == [])
                    try await here.commit("1", Self.rolling)
                    let revert = await here.pass()
                    #expect(try await here.end(revert) == "0 applied 1111", "\(revert.output) \(revert.errors)")
                    #expect(try await here.flaws() == [])
                    try await here.write("refuses", "3", on: "h2")
                    try await here.commit("3", Self.rolling, deadline: "20s")
                    let failed = await here.pass()
                    #expect(try await here.end(failed) == "3 rolled-back 1111", "\(failed.output) \(failed.errors)")
                })
                #expect(try await here.flaws() == [])
                #expect(
                    tally.failures.isEmpty, "\(tally.failures.count) of \(tally.total): \(tally.failures.prefix(3))")
                #expect(Set(tally.answers.keys).isSuperset(of: ["1", "2"]), "\(tally.answers)")
                // The version, how many others served, and that this host did not.
                let all = ["2 3 out", "1 3 out", "3 3 out", "1 3 out"]
                for (name, expected) in zip(here.names, [all, all, all, Array(all.prefix(2))]) {
                    #expect(try await Array(here.touches(name).dropFirst()) == expected, "\(name)")
                }
            }
        }

        @Test func aCanaryOverHostsHasItsWeightAndIsSeenInStatus() async throws {
            let canary = "strategy: canary, steps: [{weight: 25%}, {approve: \"is it good?\"}]"
            try await BalancedHosts.with { here in
                try await here.commit("1", canary)
                #expect(try await here.end(await here.pass()) == "0 applied 1111")
                let (_, tally) = try await Load(port: here.balancer.port).run(during: {
                    try await here.commit("2", canary)
                    let asked = await here.pass()
                    #expect(asked.came(4, "waiting"), "\(asked.output) \(asked.errors)")
                    let status = await here.world.reconcile("status")
                    #expect(status.output.contains("new 25 % (seen 25 %)"), "\(status.output)")
                    let asking = await Load(port: here.balancer.port).run(200).answers
                    #expect(Set(asking.keys) == ["1", "2"], "\(asking)")
                    let yes = await here.world.reconcile("approve", "staging", "-o", "json")
                    #expect(yes.status == 0, "\(yes.output) \(yes.errors)")
                    #expect(try await here.end(yes).hasSuffix("2222"))
                })
                #expect(try await here.flaws() == [])
                #expect(
                    tally.failures.isEmpty, "\(tally.failures.count) of \(tally.total): \(tally.failures.prefix(3))")
                for name in here.names {
                    let last = try #require(try await here.touches(name).last)
                    #expect(last.hasPrefix("2 ") && last.hasSuffix(" out"), "\(name): \(last)")
                }
            }
        }

        @Test func aHostOutOfReachGoesOnServing() async throws {
            try await BalancedHosts.with { here in
                try await here.commit("1", Self.rolling)
                #expect(try await here.end(await here.pass()) == "0 applied 1111")
                let (_, tally) = try await Load(port: here.balancer.port).run(during: {
                    await here.fleet.stop("h1")
                    let unseen = await here.pass()
                    #expect(unseen.came(1, "error"), "\(unseen.output) \(unseen.errors)")
                    #expect(try await here.flaws() == [])
                    try await here.commit("2", Self.rolling)
                    let without = await here.pass()
                    #expect(try await here.end(without) == "1 error 2122", "\(without.output) \(without.errors)")
                    let flaws = try await here.flaws()
                    #expect(flaws == [], "\(without.output)")
                    try await here.fleet.start("h1")
                    let caught = await here.pass()
                    #expect(try await here.end(caught) == "0 applied 2222", "\(caught.output) \(caught.errors)")
                })
                #expect(try await here.flaws() == [])
                #expect(
                    tally.failures.isEmpty, "\(tally.failures.count) of \(tally.total): \(tally.failures.prefix(3))")
                #expect(try await here.touches("h1").last == "2 3 out")
            }
        }

        /// Without a balancer: the driver's own command is run on each host.
        @Test func aCommandOnTheHostDrainsItBeforeItIsTouched() async throws {
            let traffic = #"  traffic: echo "traffic $RECONCILE_WEIGHT" >>"$ROOT/acts""#
            try await SSHWorld.with(3) { here in
                try await here.commit("1", rollout: "max_parallel: 1, drain_timeout: 0s", files: traffic)
                #expect(await here.end(here.pass()) == "0 applied 111")
                try await here.forgetActs()
                try await here.commit("2", rollout: "max_parallel: 1, drain_timeout: 0s", files: traffic)
                let run = await here.pass()
                #expect(await here.end(run) == "0 applied 222", "\(run.output) \(run.errors)")
                #expect(await here.acts() == here.names.map { $0 + " traffic 0 2 traffic 100" })
                #expect(
                    try await here.world.sql("SELECT instance, told FROM traffic ORDER BY instance")
                        == here.names.map { "web@\($0)|100" })
            }
        }
    }
}
