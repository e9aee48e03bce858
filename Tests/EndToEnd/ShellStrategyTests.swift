import Foundation
import Glibc
import Model
import Processes
import TestSupport
import Testing

/// Canary and blue-green over commands alone: the shell driver's `traffic` writes each instance's weight to a file.
@Suite struct ShellStrategyTests {
    private static let traffic = """
          traffic: |
            echo "$RECONCILE_WEIGHT" >"$ROOT/weight-$RECONCILE_INSTANCE"
            echo "$RECONCILE_INSTANCE $RECONCILE_WEIGHT" >>"$ROOT/weights"
        """

    private static func web(
        _ world: World, _ version: String, steps: String, replicas: Int = 4, more: String = "", before: String = "true"
    ) -> [String: String] {
        let rollout = "{min_healthy_time: 0s, max_parallel: 4, strategy: canary, drain_timeout: 0s, steps: [\(steps)]}"
        return [
            "staging/web.yaml": world.workload(
                version: version, replicas: replicas, before: before, rollout: rollout, more: more, shell: traffic)
        ]
    }

    /// A world at version 1 whose next version is a canary with these steps.
    private static func canary(
        _ steps: String, more: String = "", policy: String = "", _ body: (World) async throws -> Void
    ) async throws {
        try await World.with { world in
            try await world.repository.commit(
                web(world, "1", steps: steps, more: more).merging([
                    "staging/environment.yaml": World.environment(policy)
                ]) { $1 })
            let first = await world.pass()
            #expect(first.status == 0, "\(first.output) \(first.errors)")
            try await world.repository.commit(web(world, "2", steps: steps, more: more))
            try await body(world)
        }
    }

    private static func versions(_ world: World) -> [String?] { (1...4).map { world.version("web-\($0)") } }

    private static func weights(_ world: World) -> [String?] {
        (1...4).map { world.read("live/weight-web-\($0)")?.trimmingCharacters(in: .whitespacesAndNewlines) }
    }

    @Test func aCanaryThatIsApprovedGetsEverything() async throws {
        try await Self.canary("{weight: 25%}, {approve: \"is it good?\"}") { world in
            let asked = await world.pass()
            #expect(asked.came(4, "waiting"), "\(asked.output) \(asked.errors)")
            let gates = try asked.environment("staging")["gates"] as? [[String: Any]] ?? []
            #expect(gates.contains { $0["name"] as? String == "approval" && $0["state"] as? String == "waiting" })
            #expect(Self.versions(world) == ["2", "1", "1", "1"])
            #expect(Self.weights(world)[0] == "25" && Self.weights(world)[3] == "75", "\(Self.weights(world))")
            #expect(try await world.sql("SELECT wanted FROM traffic ORDER BY instance") == ["25.0"] * 4)
            let why = await world.reconcile("why", "staging")
            #expect(
                why.output.contains("is it good?") && why.output.contains("reconcile approve staging"), "\(why.output)")
            let status = await world.reconcile("status")
            #expect(status.output.contains("waiting") && status.output.contains("new 25 %"), "\(status.output)")
            #expect(await world.pass().status == 4, "it still waits")
            let yes = await world.reconcile("approve", "staging", "--as", "Ada Lovelace")
            #expect(yes.status == 0 && yes.output.contains("applied"), "\(yes.output) \(yes.errors)")
            #expect(Self.versions(world) == ["2", "2", "2", "2"])
            #expect(Set(Self.weights(world)) == ["100"], "\(Self.weights(world))")
            #expect(
                try await world.sql("SELECT environment, decision, person FROM approvals") == [
                    "staging|approved|Ada Lovelace"
                ])
            let late = await world.reconcile("approve", "staging")
            #expect(late.status == 1 && late.output.contains("nothing in staging waits"), "\(late.output)")
            #expect(await world.pass().status == 0)
        }
    }

    @Test func aCanaryThatIsRejectedIsTakenBack() async throws {
        try await Self.canary("{weight: 25%}, {approve: \"is it good?\"}") { world in
            #expect(await world.pass().status == 4)
            let no = await world.reconcile("reject", "staging", "--as", "Bob")
            #expect(no.status == 0 && no.output.contains("rolled-back"), "\(no.output) \(no.errors)")
            #expect(Self.versions(world) == ["1", "1", "1", "1"])
            #expect(Set(Self.weights(world)) == ["100"], "\(Self.weights(world))")
            let held = await world.pass()
            #expect(held.came(3, "held"))
            let decisions = try await world.sql("SELECT decision FROM approvals")
            #expect(decisions == ["rejected"])
        }
    }

    /// Who approves agrees to what was looked at, and to nothing that came after it.
    @Test func anApprovalIsForOnePlanAndForItsQuestionsAlone() async throws {
        let steps = "{weight: 25%}, {approve: \"is it good?\"}, {weight: 50%}, {approve: \"still?\"}"
        try await Self.canary(steps) { world in
            func plan() async throws -> String {
                let status = try await world.reconcile("status", "-o", "json").json()
                let row = (status["environments"] as? [[String: Any]])?.first?["under_way"] as? [String: Any]
                return try #require(row?["plan"] as? String)
            }
            func ask(_ argument: String) async throws {
                try await world.write(
                    "INSERT INTO requests(kind, environment, argument, created_at) VALUES "
                        + "('approve', 'staging', '\(argument)', strftime('%Y-%m-%dT%H:%M:%fZ'))")
            }
            func answer() async throws -> [String] {
                try await world.sql("SELECT succeeded, result FROM requests ORDER BY id DESC LIMIT 1")
            }
            #expect(await world.pass().status == 4)
            let old = try await plan()
            let why = await world.reconcile("why", "staging")
            #expect(why.output.contains("reconcile approve staging --plan \(old.prefix(12))`"), "\(why.output)")
            try await world.repository.commit(Self.web(world, "3", steps: steps))
            #expect(await world.pass().status == 4)
            let new = try await plan()
            #expect(old != new)

            let late = await world.reconcile("approve", "staging", "--plan", String(old.prefix(12)))
            #expect(
                late.status == 1 && late.errors.contains("plan \(new.prefix(12)) now"), "\(late.output) \(late.errors)")
            // What was asked before the plan changed, and what an earlier version asked.
            for argument in ["{\"person\":\"Ada\",\"plan\":\"\(old)\",\"steps\":[1,2,3,4,5,6,7,8,9]}", "Ada"] {
                try await ask(argument)
                #expect(await world.pass().status == 4, "it waits anew")
                let answer = try await answer()
                #expect(answer.first?.hasPrefix("0|staging asks about plan \(new.prefix(12)) now") == true, "\(answer)")
            }
            #expect(try await world.sql("SELECT * FROM approvals") == [])

            let first = try await #require(
                world.sql("SELECT id FROM steps WHERE kind = 'approve' AND state = 'running'").first)
            let yes = await world.reconcile("approve", "staging", "--plan", String(new.prefix(12)))
            #expect(yes.status == 0 && yes.output.contains("still?"), "\(yes.output) \(yes.errors)")
            try await ask("{\"person\":\"Ada\",\"plan\":\"\(new)\",\"steps\":[\(first)]}")
            #expect(await world.pass().status == 4, "the second question was not seen yet")
            #expect(try await answer().first?.hasPrefix("0|") == true)
            let all = await world.reconcile("approve", "staging")
            #expect(all.status == 0 && all.output.contains("applied"), "\(all.output) \(all.errors)")
        }
    }

    @Test func aLoopGoesOnAtOnceWhenSomebodyApproves() async throws {
        try await Self.canary("{weight: 25%}, {approve: \"is it good?\"}", policy: "interval: 1h") { world in
            let loop = try await Background.run(world)
            try await eventually("it asks") { await world.reconcile("status").output.contains("waiting") }
            #expect(await world.reconcile("approve", "staging").status == 0)
            try await world.applied(2)
            #expect(Self.versions(world) == ["2", "2", "2", "2"])
            await loop.end()
        }
    }

    @Test func aMonitorThatFailsTakesTheCanaryBack() async throws {
        let monitor =
            "monitor: [{name: errors, command: \"echo 1\", max: 0.01, interval: 100ms, failures: 1, initial_delay: 0s}]"
        try await Self.canary("{weight: 25%}, {monitor: 1m}", more: monitor) { world in
            let run = await world.pass()
            #expect(run.came(3, "rolled-back"), "\(run.output) \(run.errors)")
            #expect(Self.versions(world) == ["1", "1", "1", "1"])
            #expect(Set(Self.weights(world)) == ["100"], "\(Self.weights(world))")
            let verdicts = try await world.sql("SELECT DISTINCT verdict FROM measurements")
            #expect(verdicts == ["fail"])
        }
    }

    @Test func aRevertInMidCanaryGoesBackWithoutAQuestion() async throws {
        try await Self.canary("{weight: 50%}, {approve: \"is it good?\"}") { world in
            #expect(await world.pass().status == 4)
            try await world.repository.commit(Self.web(world, "1", steps: "{weight: 50%}, {approve: \"is it good?\"}"))
            let back = await world.pass()
            #expect(back.came(0, "applied"), "\(back.output) \(back.errors)")
            #expect(Self.versions(world) == ["1", "1", "1", "1"])
            #expect(Set(Self.weights(world)) == ["100"], "\(Self.weights(world)) \(back.output)")
            #expect(
                try await world.sql("SELECT outcome FROM reconciles ORDER BY id") == [
                    "applied", "superseded", "applied",
                ])
        }
    }

    @Test func aNewerCommitInMidCanaryTakesOver() async throws {
        try await Self.canary("{weight: 50%}, {approve: \"is it good?\"}") { world in
            #expect(await world.pass().status == 4)
            try await world.repository.commit(Self.web(world, "3", steps: "{weight: 50%}, {pause: 10ms}"))
            let run = await world.pass()
            #expect(run.status == 0, "\(run.output) \(run.errors)")
            #expect(Self.versions(world) == ["3", "3", "3", "3"])
            #expect(Set(Self.weights(world)) == ["100"], "\(Self.weights(world))")
        }
    }

    @Test func aPauseThatElapsedWhileNobodyWasThereCounts() async throws {
        try await Self.canary("{weight: 25%}, {pause: 1h}") { world in
            async let killed = world.reconcile(["-o", "json"], timeout: .seconds(60))
            try await eventually("it pauses") {
                try await world.sql("SELECT count(*) FROM steps WHERE kind = 'pause' AND state = 'running'") == ["1"]
            }
            let status = await world.reconcile("status", "-o", "json")
            let rows = try status.json()["environments"] as? [[String: Any]]
            #expect((rows?.first?["under_way"] as? [String: Any])?["text"] as? String != nil, "\(status.output)")
            let pid = (try status.json()["loop"] as? [String: Any])?["process"] as? Int
            kill(pid_t(try #require(pid)), SIGKILL)
            #expect(await killed.ending == .signaled(SIGKILL))
            try await world.write(
                "UPDATE steps SET started_at = replace(started_at, substr(started_at, 1, 4), '2020') WHERE kind = 'pause'"
            )
            let run = await world.pass()
            #expect(run.status == 0, "\(run.output) \(run.errors)")
            #expect(Self.versions(world) == ["2", "2", "2", "2"])
        }
    }

    @Test func blueGreenSwitchesAtOnceAndTheOtherWayRoundTheNextTime() async throws {
        try await World.with { world in
            func commit(_ version: String, before: String = "true", preview: String = "true") async throws {
                let rollout =
                    "{strategy: blue-green, min_healthy_time: 0s, max_parallel: 4, keep_old: 10ms, drain_timeout: 0s, "
                    + "preview: [{command: \"\(preview)\"}]}"
                try await world.repository.commit([
                    "staging/environment.yaml": World.environment(),
                    "staging/web.yaml": world.workload(
                        version: version, replicas: 2, before: before, rollout: rollout, shell: Self.traffic),
                ])
            }
            for version in ["1", "2", "3", "1"] {
                try await commit(version)
                let run = await world.pass()
                #expect(run.status == 0, "\(run.output) \(run.errors)")
                let running = (1...4).compactMap { world.version("web-\($0)") }
                #expect(running == [version, version], "version \(version) at \(Self.versions(world))")
                #expect(await world.pass().status == 0, "and in sync")
                // Who left was told so, also where the version was known and nothing was kept.
                let weights = Self.weights(world)
                for place in 0..<4 where weights[place] != nil {
                    let isThere = world.version("web-\(place + 1)") != nil
                    #expect(weights[place] == (isThere ? "100" : "0"), "web-\(place + 1) at version \(version)")
                }
            }
            let before = Self.versions(world)
            try await commit("4", preview: "false")
            let bad = await world.pass()
            #expect(bad.came(3, "rolled-back"), "\(bad.output) \(bad.errors)")
            #expect(Self.versions(world) == before, "nothing is left over")
        }
    }
}

private func * (one: [String], count: Int) -> [String] { Array(repeating: one, count: count).flatMap { $0 } }
