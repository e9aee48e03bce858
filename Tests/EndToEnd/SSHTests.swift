import Foundation
import Glibc
import Model
import Processes
import TestSupport
import Testing

/// Many hosts, through the built program; one test after the other, because each of them keeps the machine busy.
@Suite(.serialized) enum SSHTests {}

extension SSHTests {
    /// Rollouts over ten real hosts.
    @Suite struct RolloutTests {
        @Test func aReleaseRollsAndHostsJoinAndLeave() async throws {
            try await SSHWorld.with { here in
                try await here.commit("1", hosts: "{zone: a}")
                let first = await here.pass()
                #expect(first.came(0, "applied"), "\(first.output) \(first.errors)")
                #expect(await here.versions() == "1-1-1-1-1-")
                try await here.commit("1", hosts: "all")
                let joined = await here.pass()
                #expect(joined.came(0, "applied"), "\(joined.output) \(joined.errors)")
                #expect(await here.versions() == "1111111111")
                #expect(await here.acts() == here.names.map { $0 + " 1" }, "only new ones are touched")
                try await here.commit("2", rollout: "max_parallel: 3, batch_by: zone")
                let plan = await here.pass("--dry-run")
                let steps = try plan.environment("staging")["steps"] as? [[String: Any]] ?? []
                let starts = steps.filter { $0["kind"] as? String == "start" }.compactMap { $0["instance"] as? String }
                #expect(starts == ["h0", "h2", "h4", "h6", "h8", "h1", "h3", "h5", "h7", "h9"].map { "web@" + $0 })
                let rolled = await here.pass()
                #expect(await here.end(rolled) == "0 applied 2222222222", "\(rolled.output) \(rolled.errors)")
                #expect(await here.pass().came(0, "in-sync"))
                try await here.commit("2", hosts: "[h0, h1]")
                let left = await here.pass()
                #expect(await here.end(left) == "0 applied 22--------", "\(left.output) \(left.errors)")
            }
        }

        @Test func oneHostThatFailsTakesBackOnlyWhatWasTouched() async throws {
            try await SSHWorld.with { here in
                try await here.commit("1")
                #expect(await here.pass().status == 0)
                try await here.forgetActs()
                try await here.write("refuses", "2", on: "h4")
                try await here.commit("2", rollout: "max_parallel: 1", deadline: "1s")
                let failed = await here.pass()
                #expect(failed.came(3, "rolled-back"), "\(failed.output) \(failed.errors)")
                #expect(await here.versions() == "1111111111")
                let touched = Set(await here.acts().map { String($0.prefix(2)) })
                #expect(touched == ["h0", "h1", "h2", "h3", "h4"])
                let stepped = try await here.world.sql(
                    "SELECT DISTINCT instance FROM steps WHERE reconcile_id = 2 AND state = 'done' AND kind = 'start'")
                #expect(Set(stepped.map { String($0.suffix(2)) }) == touched, "\(stepped)")
                #expect(await here.pass().came(3, "held"))
                try await here.delete("refuses", on: "h4")
                #expect(await here.world.reconcile("resume", "staging").status == 0)
                let again = await here.pass()
                #expect(await here.end(again) == "0 applied 2222222222", "\(again.output) \(again.errors)")
            }
        }

        /// Each pass is another process: what the version before had is known from the record only.
        @Test func whatANewVersionDropsIsRemoved() async throws {
            try await SSHWorld.with(1) { here in
                let more = { (name: String) in "    - {path: \"{{ ROOT }}/app/\(name)\", content: x}" }
                try await here.commit("1", files: more("old"))
                #expect(await here.end(here.pass()) == "0 applied 1")
                #expect(await here.read("app/old", on: "h0") == "x")
                try await here.commit("2")
                let dropped = await here.pass()
                #expect(await here.end(dropped) == "0 applied 2", "\(dropped.output) \(dropped.errors)")
                #expect(await here.read("app/old", on: "h0") == nil)
                // What a failed version brought goes on the way back.
                try await here.write("refuses", "3", on: "h0")
                try await here.commit("3", deadline: "1s", files: more("new"))
                let failed = await here.pass()
                #expect(await here.end(failed) == "3 rolled-back 2", "\(failed.output) \(failed.errors)")
                #expect(await here.read("app/new", on: "h0") == nil)
            }
        }

        @Test func driftIsRepairedWhereItIs() async throws {
            try await SSHWorld.with(3) { here in
                try await here.commit("1")
                #expect(await here.pass().status == 0)
                try await here.forgetActs()
                try await here.write("app/version", "by hand\n", on: "h1")
                let pass = await here.pass()
                #expect(pass.came(0, "applied"), "\(pass.output) \(pass.errors)")
                let change = (try pass.environment("staging")["changes"] as? [[String: Any]])?.first
                #expect(change?["cause"] as? String == "drift", "\(pass.output)")
                #expect(await here.versions() == "111")
                #expect(await here.acts() == ["h1 1"])
            }
        }
    }
}

extension SSHTests {
    /// Hosts that go away and come back.
    @Suite struct ReachTests {
        @Test func aHostThatIsDownIsCaughtUpLater() async throws {
            try await SSHWorld.with { here in
                try await here.commit("1")
                #expect(await here.pass().status == 0)
                await here.fleet.stop("h0")
                await here.fleet.stop("h5")
                try await here.commit("2")
                let dry = await here.pass("--dry-run")
                #expect(dry.status == 1 && dry.output.contains("web@h5"), "\(dry.output)")
                let pass = await here.pass()
                #expect(pass.came(1, "error"), "\(pass.output) \(pass.errors)")
                #expect(await here.versions() == "1222212222")
                let status = await here.world.reconcile("status")
                #expect(
                    status.output.contains("web@h0") && status.output.contains("caught up later"), "\(status.output)")
                let still = await here.pass()
                #expect(still.came(1, "error"), "\(still.output)")
                // The way back is there although two are missing.
                try await here.write("refuses", "3", on: "h3")
                try await here.commit("3", deadline: "1s")
                let failed = await here.pass()
                #expect(failed.came(3, "rolled-back"), "\(failed.output) \(failed.errors)")
                #expect(await here.versions() == "1222212222")
                try await here.delete("refuses", on: "h3")
                try await here.fleet.start("h0")
                try await here.fleet.start("h5")
                let held = await here.pass()
                #expect(held.came(3, "held"), "\(held.output) \(held.errors)")
                #expect(await here.versions() == "2222222222")
                #expect(await here.world.reconcile("resume", "staging").status == 0)
                #expect(await here.end(here.pass()) == "0 applied 3333333333")
            }
        }

        @Test func moreThanMayBeOutOfReachLeaveTheWorkloadAlone() async throws {
            try await SSHWorld.with(4) { here in
                try await here.commit("1")
                #expect(await here.pass().status == 0)
                await here.fleet.stop("h1")
                await here.fleet.stop("h2")
                try await here.commit("2", rollout: "max_unreachable: 25%")
                let pass = await here.pass()
                #expect(pass.came(1, "error"), "\(pass.output) \(pass.errors)")
                #expect(
                    pass.output.contains("2 of its 4 hosts cannot be seen, more than max_unreachable 25%"),
                    "\(pass.output)")
                #expect(await here.versions() == "1111")
                try await here.fleet.start("h1")
                #expect(await here.end(here.pass()) == "1 error 2212")
            }
        }

        /// One host dies while it is changed: the first change of a host kills the sshd of another one that comes later.
        @Test func aHostThatDiesInTheMiddleIsLeftAndTheOthersGoOn() async throws {
            try await SSHWorld.with { here in
                try await here.commit("1")
                #expect(await here.pass().status == 0)
                try await here.commit("2", rollout: "max_parallel: 1")
                let loop = Task { await here.pass() }
                try await eventually("the first hosts are changed") { await here.versions().hasPrefix("22") }
                await here.fleet.stop("h8")
                let pass = await loop.value
                #expect(pass.came(1, "error"), "\(pass.output) \(pass.errors)")
                #expect(pass.output.contains("web@h8"), "\(pass.output)")
                #expect(await here.versions() == "2222222212")
                try await here.fleet.start("h8")
                let later = await here.pass()
                #expect(await here.end(later) == "0 applied 2222222222", "\(later.output) \(later.errors)")
            }
        }

        /// A host goes away while its health is waited for: nobody waits for it until its deadline.
        @Test func aHostThatGoesWhileItIsWaitedForFreesItsPlace() async throws {
            try await SSHWorld.with(4) { here in
                try await here.commit("1")
                #expect(await here.pass().status == 0)
                try await here.write("refuses", "2", on: "h1")
                try await here.commit("2", rollout: "max_parallel: 1, max_unreachable: 1", deadline: "1h")
                let loop = Task { await here.pass() }
                try await eventually("it is waited for") { await here.versions() == "2211" }
                await here.fleet.stop("h1")
                let pass = await loop.value
                #expect(await here.end(pass) == "1 error 2222", "\(pass.output) \(pass.errors)")
                #expect(pass.output.contains("web@h1 is out of reach"), "\(pass.output)")
            }
        }

        /// A host that comes and goes all the time, under a loop: it disturbs nobody, and it is as git says in the end.
        @Test func aFlappingHost() async throws {
            try await SSHWorld.with(6) { here in
                try await here.commit("1", policy: "interval: 1s")
                let loop = try await Background.run(here.world)
                do {
                    try await eventually("version 1 is everywhere") { await here.versions() == "111111" }
                    let flapping = Task {
                        for _ in 0..<6 {
                            await here.fleet.stop("h2")
                            try? await Task.sleep(for: .milliseconds(700))
                            try? await here.fleet.start("h2")
                            try? await Task.sleep(for: .milliseconds(700))
                        }
                    }
                    try await here.commit("2", policy: "interval: 1s")
                    try await eventually("all others have version 2") {
                        let versions = await here.versions()
                        return versions.hasPrefix("22") && versions.hasSuffix("222")
                    }
                    await flapping.value
                    try await eventually("it has, too") { await here.versions() == "222222" }
                    try await eventually("the loop is content") {
                        await here.world.reconcile("status").output.contains("in-sync")
                    }
                    let outcomes = try await here.world.sql("SELECT DISTINCT outcome FROM reconciles")
                    #expect(!outcomes.contains("rolled-back") && !outcomes.contains("failed"), "\(outcomes)")
                } catch {
                    await loop.end()
                    throw error
                }
                await loop.end()
            }
        }
    }

}

extension SSHTests {
    /// `kill -9` of reconcile at sampled writes of the journal, and one pass that is enough.
    @Suite struct CrashTests {
        @Test(arguments: [false, true])
        func killedAnywhere(isFailing: Bool) async throws {
            try await SSHWorld.with(4) { here in
                let stride = getenv("RECONCILE_TORTURE") == nil ? 5 : 1
                try await here.commit("1", rollout: "max_parallel: 2")
                #expect(await here.pass().status == 0)
                var version = "1"
                var number = 2
                if isFailing { try await here.write("refuses", "[^1].*\n1..*", on: "h3") }
                while number < 200 {
                    let side = number / stride % 2 == 0 ? "before" : "after"
                    version = isFailing ? "\(number)" : version == "1" ? "2" : "1"
                    try await here.commit(
                        version, rollout: "max_parallel: 2, max_unavailable: 2", deadline: isFailing ? "300ms" : "5m")
                    let killed = await here.pass(environment: ["RECONCILE_CRASH_AT": "\(side):\(number)"])
                    let last = await here.pass()
                    let label = "\(side):\(number): \(killed.ending) \(last.output) \(last.errors)"
                    if isFailing {
                        #expect(last.status == 3, "\(label)")
                        #expect(await here.versions() == "1111", "\(label)")
                    } else {
                        #expect(last.status == 0, "\(label)")
                        #expect(await here.versions() == String(repeating: version, count: 4), "\(label)")
                    }
                    let open = try await here.world.sql("SELECT count(*) FROM reconciles WHERE outcome IS NULL")
                    #expect(open == ["0"], "\(label)")
                    #expect(try await here.world.survivors().isEmpty, "\(label)")
                    if killed.ending != .signaled(SIGKILL) { break }
                    number += stride
                }
                #expect(number > 10, "too few writes were reached for this to mean anything")
            }
        }
    }
}

extension SSHTests {
    /// Acts that outlive whoever asked for them.
    @Suite struct FenceTests {
        /// A command that takes long while a file `slow` is there, and says so where it is not alone.
        private func commit(_ version: String, _ here: SSHWorld, timeout: String) async throws {
            try await here.commit(
                version, policy: "on_failure: pause",
                before: """
                    [ -e "$ROOT/beside" ] || : >"$ROOT/beside"
                    for pid in $(cat "$ROOT/pids" 2>/dev/null); do
                      grep -qs '^State:.[RSDT]' "/proc/$pid/status" && echo "$pid" >>"$ROOT/beside"
                    done
                    echo $$ >>"$ROOT/pids"
                    [ ! -e "$ROOT/slow" ] || sleep 700
                    """, timeout: timeout)
        }

        private func expectAlone(_ here: SSHWorld, acts: Int) async throws {
            let pids = (await here.read("pids", on: "h0") ?? "").split(separator: "\n").compactMap { pid_t($0) }
            #expect(pids.count == acts)
            #expect(pids.allSatisfy { kill($0, 0) != 0 || SSHFleet.isZombie($0) })
            #expect(await here.read("beside", on: "h0") == "")
        }

        @Test func afterADeadline() async throws {
            try await SSHWorld.with(1) { here in
                try await commit("1", here, timeout: "5m")
                #expect(await here.end(here.pass()) == "0 applied 1")
                try await here.write("slow", "", on: "h0")
                try await commit("2", here, timeout: "10s")
                let late = await here.pass()
                #expect(late.status != 0 && late.output.contains("did not answer within 10s"), "\(late.output)")
                try await here.delete("slow", on: "h0")
                try await commit("3", here, timeout: "5m")
                #expect(await here.world.reconcile("resume", "staging").status == 0)
                let pass = await here.pass()
                #expect(await here.end(pass) == "0 applied 3", "\(pass.output) \(pass.errors)")
                // What was late was tried three times.
                try await expectAlone(here, acts: 5)
            }
        }

        @Test func afterAKill() async throws {
            try await SSHWorld.with(1) { here in
                try await commit("1", here, timeout: "5m")
                #expect(await here.end(here.pass()) == "0 applied 1")
                try await here.write("slow", "", on: "h0")
                try await commit("2", here, timeout: "5m")
                let loop = try await Background.run(here.world)
                try await eventually("the act is at work") {
                    (await here.read("pids", on: "h0") ?? "").split(separator: "\n").count == 2
                }
                loop.signal(SIGKILL)
                _ = await loop.result()
                try await here.delete("slow", on: "h0")
                let pass = await here.pass()
                #expect(await here.end(pass) == "0 applied 2", "\(pass.output) \(pass.errors)")
                try await expectAlone(here, acts: 3)
                let lists = try? FileManager.default.contentsOfDirectory(atPath: here.world.state + "/ssh")
                #expect(lists == [], "no list of host keys is left")
            }
        }
    }
}
