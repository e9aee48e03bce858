import Foundation
import Glibc
import Model
import Processes
import TestSupport
import Testing

/// Containers of a real engine behind a real HAProxy, through the built program: the end is always one version, whole.
@Suite(
    .fewAtOnce, .enabled(if: ContainerWorld.missing == nil, "\(ContainerWorld.missing ?? "")"), .timeLimit(.minutes(15))
)
struct ContainerStrategyTests {
    @Test(arguments: ["rolling", "canary, steps: [{weight: 50%}, {pause: 200ms}]", "blue-green, keep_old: 200ms"])
    func noRequestIsLostThereAndBack(strategy: String) async throws {
        try await ContainerWorld.with { here in
            try await here.commit("1", "strategy: \(strategy)")
            await here.expectPass("0 applied")
            try await here.expectWhole("1")
            let (_, tally) = try await Load(port: here.balancer.port).run(during: {
                try await here.commit("2", "strategy: \(strategy)")
                await here.expectPass("0 applied")
                try await here.expectWhole("2")
                let back = await here.world.reconcile("rollback", here.name)
                #expect(back.status == 0, "\(back.output) \(back.errors)")
            })
            try await here.expectWhole("1")
            let shifts = try await here.world.sql("SELECT detail FROM steps WHERE kind = 'shift-traffic'")
            #expect(
                tally.failures.isEmpty && tally.total > 0,
                "\(tally.failures.count) of \(tally.total): \(tally.failures.prefix(3)) \(shifts)")
        }
    }

    @Test func anEditedBlockEmptiesNothingAndAPlaceThatIsLeftIsEmptied() async throws {
        try await ContainerWorld.with { here in
            func servers(_ backend: String) async throws -> Int {
                try await here.balancer.say("show servers state \(backend)").split(separator: "\n")
                    .count { $0.contains(" web-") }
            }
            try await here.deploy("1")
            let (_, tally) = try await Load(port: here.balancer.port).run(during: {
                try await here.commit("1", traffic: "backend: web, server_options: check inter 1s")
                await here.expectPass("0 in-sync")
            })
            #expect(tally.failures.isEmpty && tally.total > 0, "\(tally.failures.prefix(3))")
            #expect(try await servers("web") == 2)
            try await here.commit("2", traffic: "backend: other")
            await here.expectPass("0 applied")
            #expect(try await [servers("web"), servers("other")] == [0, 2])
            try await here.commit("2", traffic: "")
            await here.expectPass("0 applied")
            #expect(try await [servers("web"), servers("other")] == [0, 0])
            #expect(try await here.versions() == ["2", "2"])
        }
    }

    @Test func aMonitorThatFailsTakesTheCanaryBack() async throws {
        try await ContainerWorld.with { here in
            let steps = "strategy: canary, steps: [{weight: 50%}, {monitor: 1m}]"
            let monitor = "monitor: [{name: errors, command: \"echo 1\", max: 0.01, interval: 100ms, failures: 2}]"
            try await here.deploy("1", steps, more: monitor)
            try await here.commit("2", steps, more: monitor)
            await here.expectPass("3 rolled-back")
            try await here.expectWhole("1")
            await here.expectPass("3 held")
        }
    }

    /// What the new version does wrong, with the status of the pass: nothing is touched where there is no such image.
    @Test(arguments: [
        ("none", "1 error"), ("failing", "3 rolled-back"), ("deaf", "3 rolled-back"), ("dying", "3 rolled-back"),
    ])
    func aBadVersionIsTakenBack(version: String, end: String) async throws {
        try await ContainerWorld.with { here in
            let steps = "strategy: canary, steps: [{weight: 50%}, {monitor: 1m}]"
            try await here.deploy("1", steps)
            try await here.commit(version, steps, deadline: version == "dying" ? "1m" : "2s")
            let run = await here.pass()
            #expect(here.end(run) == end, "\(run.output) \(run.errors)")
            try await here.expectWhole("1")
            try await here.commit("2")
            await here.expectPass("0 applied")
            try await here.expectWhole("2")
        }
    }

    @Test func approvalRejectionARevertAndANewerCommitInMidCanary() async throws {
        try await ContainerWorld.with { here in
            try await here.deploy("1", ContainerWorld.asking)
            func ask(_ version: String) async throws {
                try await here.commit(version, ContainerWorld.asking, value: "\(Int.random(in: 0...Int.max))")
                await here.expectPass("4 waiting")
                let answering = await here.answers()
                #expect(answering.versions == ["1", version] && answering.failures.isEmpty, "\(answering)")
            }
            try await ask("2")
            let no = await here.world.reconcile("reject", here.name)
            #expect(no.status == 0, "\(no.output) \(no.errors)")
            try await here.expectWhole("1")
            try await ask("2")
            try await here.commit("1", ContainerWorld.asking)
            let revert = await here.pass()
            #expect(
                ["0 applied", "0 in-sync"].contains(here.end(revert)),
                "no new question: \(revert.output) \(revert.errors)")
            try await here.expectWhole("1")
            try await ask("2")
            try await ask("3")
            let yes = await here.world.reconcile("approve", here.name)
            #expect(yes.status == 0, "\(yes.output) \(yes.errors)")
            try await here.expectWhole("3")
        }
    }

    @Test(arguments: ["reloaded", "gone"]) func theBalancerInMidCanary(how: String) async throws {
        try await ContainerWorld.with { here in
            try await here.deploy("1", ContainerWorld.asking)
            try await here.commit("2", ContainerWorld.asking + ", progress_deadline: 30s")
            await here.expectPass("4 waiting")
            let socket = here.balancer.socket
            if how == "reloaded" {
                try await here.balancer.reload()
                let answering = await here.answers()
                #expect(answering.failures.isEmpty && answering.versions == ["1", "2"], "\(answering)")
                let yes = await here.world.reconcile("approve", here.name)
                #expect(yes.status == 0, "\(yes.output) \(yes.errors)")
                try await here.expectWhole("2")
            } else {
                try FileManager.default.moveItem(atPath: socket, toPath: socket + ".away")
                let failed = await here.world.reconcile("approve", here.name)
                #expect(failed.status == 1, "\(failed.output) \(failed.errors)")
                let still = await here.answers()
                #expect(still.failures.isEmpty, "requests are answered meanwhile: \(still)")
                try FileManager.default.moveItem(atPath: socket + ".away", toPath: socket)
                await here.expectPass("3 held")
                try await here.expectWhole("1")
            }
        }
    }

    @Test func aContainerThatSomebodyTookAwayDuringTheRollout() async throws {
        try await ContainerWorld.with { here in
            try await here.deploy("1", ContainerWorld.asking)
            try await here.commit("2", ContainerWorld.asking)
            #expect(await here.pass().status == 4)
            for version in ["1", "2"] {
                let id = try await here.engine.docker(
                    "ps", "--quiet", "--last", "1", "--filter", "label=reconcile.environment=\(here.name)", "--filter",
                    "ancestor=\(WebImages.name):\(version)")
                try await here.engine.docker("rm", "--force", id.trimmingCharacters(in: .whitespacesAndNewlines))
            }
            let yes = await here.world.reconcile("approve", here.name)
            let last = await here.pass()
            let version = last.status == 0 ? "2" : "1"
            #expect(last.status == 0 || last.status == 3, "\(yes.output) \(last.output) \(last.errors)")
            try await here.expectWhole(version, "\(yes.output) \(last.output)")
        }
    }

    @Test func aContainerThatIsKilledIsBackWithoutWaitingForTheInterval() async throws {
        try await ContainerWorld.with { here in
            try await here.world.repository.commit(["\(here.name)/environment.yaml": World.environment("interval: 1h")])
            try await here.commit("1")
            let loop = try await Background.run(here.world)
            try await here.world.applied(1)
            let id = try await here.engine.docker(
                "ps", "--quiet", "--last", "1", "--filter", "label=reconcile.environment=\(here.name)")
            try await here.engine.docker("kill", id.trimmingCharacters(in: .whitespacesAndNewlines))
            try await here.world.applied(2)
            await loop.end()
            try await here.expectWhole("1")
            #expect(try await here.world.sql("SELECT \"trigger\" FROM reconciles WHERE id = 2") == ["drift"])
        }
    }

    @Test func theEngineStopsInTheMiddleOfAStep() async throws {
        try await DockerEngine.own { engine in
            try await ContainerWorld.with(engine) { here in
                try await here.deploy("1")
                try await here.commit("2", "strategy: canary, steps: [{weight: 50%}, {monitor: 20s}]")
                async let pass = here.pass()
                try await eventually("it watches") {
                    try await here.world.sql("SELECT count(*) FROM steps WHERE kind = 'monitor' AND state = 'running'")
                        == ["1"]
                }
                try await engine.stop()
                let stopped = await pass
                // An engine that ends takes its containers along first: what is seen last decides.
                #expect([1, 3].contains(stopped.status), "\(stopped.output) \(stopped.errors)")
                #expect(await here.pass().status == 1, "what cannot be seen is not touched")
                try await engine.resume()
                try await eventually("the engine's containers are back, and whole") {
                    let run = await here.pass()
                    guard run.status == 0 || run.status == 3 else { return false }
                    return try await here.flaws(run.status == 0 ? "2" : "1").isEmpty
                }
            }
        }
    }

    /// `kill -9` before or after a write of the journal; with RECONCILE_TORTURE at every one of them.
    @Test func killedAnywhere() async throws {
        try await ContainerWorld.with { here in
            let stride = getenv("RECONCILE_TORTURE") == nil ? 9 : 1
            try await here.deploy("1")
            var version = "1"
            var number = 2
            while number < 200 {
                let side = number / stride % 2 == 0 ? "before" : "after"
                version = version == "1" ? "2" : "1"
                try await here.commit(version, value: "\(number)")
                let killed = await here.pass(environment: ["RECONCILE_CRASH_AT": "\(side):\(number)"])
                let last = await here.pass()
                #expect(
                    ["0 applied", "0 in-sync"].contains(here.end(last)),
                    "\(side):\(number): \(last.output) \(last.errors)")
                try await here.expectWhole(version, "\(side):\(number)")
                let open = try await here.world.sql("SELECT count(*) FROM reconciles WHERE outcome IS NULL")
                #expect(open == ["0"], "\(side):\(number)")
                if killed.ending != .signaled(SIGKILL) { break }
                number += stride
            }
            #expect(number > 15, "too few writes were reached for this to mean anything")
        }
    }
}
