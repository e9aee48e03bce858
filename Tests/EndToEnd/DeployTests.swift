import Foundation
import TestSupport
import Testing

/// Merge to deploy, revert to roll back: what the product is for.
@Suite struct DeployTests {
    @Test func mergeDeploysAndRevertRollsBack() async throws {
        try await World.with { world in
            let git = world.repository
            try await git.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(replicas: 2),
            ])
            let first = await world.pass()
            #expect(try first.status == 0 && (first.outcome("staging")) == "applied", "\(first.output) \(first.errors)")
            #expect(world.version("web-1") == "1" && world.version("web-2") == "1")

            let again = await world.pass()
            #expect(try again.status == 0 && (again.outcome("staging")) == "in-sync")

            let second = try await git.commit(
                ["staging/web.yaml": world.workload(version: "2", replicas: 2)], message: "Version 2")
            let dry = await world.reconcile("--dry-run", "--detailed-exitcode", "-o", "json")
            #expect(try dry.status == 2 && (dry.outcome("staging")) == "planned")
            #expect(world.version("web-1") == "1", "a dry run changes nothing")
            let update = await world.pass()
            #expect(try update.status == 0 && (update.json()["commit"] as? String) == second)
            let changes = try update.environment("staging")["changes"] as? [[String: Any]] ?? []
            let fields = changes.first?["fields"] as? [[String: Any]] ?? []
            #expect(changes.first?["action"] as? String == "update" && changes.first?["cause"] as? String == "commit")
            #expect(
                fields.contains {
                    $0["path"] as? String == "shell.env.VERSION" && $0["from"] as? String == "1"
                        && $0["to"] as? String == "2"
                })
            #expect(world.version("web-2") == "2")

            try await git.git("revert", "--no-edit", "HEAD")
            let back = await world.pass()
            #expect(try back.status == 0 && (back.outcome("staging")) == "applied")
            #expect(world.version("web-1") == "1" && world.version("web-2") == "1")
            #expect(
                try await world.sql("SELECT outcome, \"trigger\", finished_at IS NOT NULL FROM reconciles ORDER BY id")
                    == [
                        "applied|manual|1", "applied|manual|1", "applied|manual|1",
                    ])
            #expect(try await world.sql("PRAGMA integrity_check") == ["ok"])
        }
    }

    @Test func aFailureRollsBackOnlyWhatWasTouchedAndIsHeld() async throws {
        try await World.with { world in
            let git = world.repository
            try await git.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(replicas: 3),
            ])
            #expect(await world.pass().status == 0)
            let fails = #"test "$RECONCILE_INSTANCE" != web-2"#
            try await git.commit(["staging/web.yaml": world.workload(version: "2", replicas: 3, before: fails)])
            let before = world.acts.count
            let run = await world.pass()
            #expect(try run.status == 3 && (run.outcome("staging")) == "rolled-back", "\(run.output) \(run.errors)")
            #expect(Array(world.acts.dropFirst(before)) == ["apply web-1 2", "apply web-2 1", "apply web-1 1"])
            #expect((1...3).allSatisfy { world.version("web-\($0)") == "1" })
            // three tries
            #expect(
                try await world.sql("SELECT count(*) FROM outputs WHERE purpose = 'apply' AND status = 'exit 1'") == [
                    "3"
                ])

            let held = await world.pass()
            #expect(try held.status == 3 && (held.outcome("staging")) == "held")
            let count = try await world.sql("SELECT count(*) FROM reconciles")
            #expect(await world.pass().status == 3)
            #expect(try await world.sql("SELECT count(*) FROM reconciles") == count, "held again is no news")

            // Drift is repaired towards the last good while held.
            try FileManager.default.removeItem(atPath: world.live + "/staging-web-3")
            let repaired = await world.pass()
            #expect(try repaired.status == 3 && (repaired.outcome("staging")) == "held")
            #expect(world.version("web-3") == "1")

            // A commit that does not change the input does not end it; the fix does.
            try await git.commit(["README": "hello"])
            #expect(try await world.pass().outcome("staging") == "held")
            try await git.commit(["staging/web.yaml": world.workload(version: "3", replicas: 3)])
            let fixed = await world.pass()
            #expect(try fixed.status == 0 && (fixed.outcome("staging")) == "applied")
            #expect(world.version("web-2") == "3")
        }
    }

    @Test func aFirstDeploymentThatFailsStaysAndIsHeld() async throws {
        try await World.with { world in
            try await world.repository.commit([
                "staging/environment.yaml": World.environment(),
                "staging/a.yaml": world.workload("a"),
                "staging/b.yaml": world.workload("b", before: "exit 1", more: "depends_on: [a]"),
            ])
            let first = await world.pass()
            #expect(try first.status == 1 && (first.outcome("staging")) == "failed", "\(first.output)")
            #expect(world.version("a-1") == "1", "what was done stays")
            let second = await world.pass()
            #expect(try second.status == 3 && (second.outcome("staging")) == "held")
            let acts = world.acts
            #expect(await world.reconcile("resume", "staging").status == 0)
            #expect(await world.pass().status == 1, "resume tries again")
            #expect(world.acts == acts, "what is in place is not done again")
        }
    }

    @Test func healthThatNeverComesRollsBack() async throws {
        try await World.with { world in
            let git = world.repository
            func web(_ version: String) -> String {
                let deadline = version == "2" ? "2s" : "5m"
                let rollout = "{min_healthy_time: 0s, healthy_deadline: \(deadline)}"
                return world.workload(version: version, rollout: rollout, shell: #"  health: test "$VERSION" != 2"#)
            }
            try await git.commit(["staging/environment.yaml": World.environment(), "staging/web.yaml": web("1")])
            #expect(await world.pass().status == 0)
            try await git.commit(["staging/web.yaml": web("2")])
            let run = await world.pass()
            #expect(try run.status == 3 && (run.outcome("staging")) == "rolled-back")
            #expect(try (run.environment("staging")["reason"] as? String ?? "").contains("healthy"))
            #expect(world.version("web-1") == "1")
        }
    }

    @Test func aSmokeTestThatFailsRollsBackTheWholeSet() async throws {
        try await World.with { world in
            let git = world.repository
            let environment = World.environment("smoke:", "  - {command: \"./smoke.sh\"}")
            let smoke = "#!/bin/sh\n! grep -qx 2 \(world.live)/staging-b-1/version\n"
            try await git.commit([
                "staging/environment.yaml": environment, "staging/smoke.sh": smoke,
                "staging/a.yaml": world.workload("a"), "staging/b.yaml": world.workload("b"),
            ])
            try await git.git("update-index", "--chmod=+x", "staging/smoke.sh")
            try await git.git("commit", "--quiet", "--amend", "--no-edit")
            let first = await world.pass()
            #expect(first.status == 0, "\(first.output) \(first.errors)")
            try await git.git("commit", "--quiet", "--allow-empty", "-m", "nothing")
            try git.write([
                "staging/a.yaml": world.workload("a", version: "2"),
                "staging/b.yaml": world.workload("b", version: "2"),
            ])
            try await git.git("commit", "--quiet", "-a", "-m", "two")
            let run = await world.pass()
            #expect(try run.status == 3 && (run.outcome("staging")) == "rolled-back", "\(run.output)")
            #expect(world.version("a-1") == "1" && world.version("b-1") == "1")
        }
    }

    @Test func driftIsRepairedAndRecordedAsDrift() async throws {
        try await World.with { world in
            try await world.repository.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(replicas: 2),
            ])
            #expect(await world.pass().status == 0)
            try FileManager.default.removeItem(atPath: world.live + "/staging-web-2")
            let trusting = await world.pass("--no-drift")
            #expect(trusting.status == 0 && world.version("web-2") == nil, "--no-drift observes nothing")
            let run = await world.pass()
            #expect(run.status == 0 && world.version("web-2") == "1")
            #expect(try await world.sql("SELECT \"trigger\" FROM reconciles ORDER BY id DESC LIMIT 1") == ["drift"])
            #expect(
                try await world.sql("SELECT cause, path FROM changes ORDER BY reconcile_id DESC LIMIT 1") == [
                    "drift|web-2"
                ])
        }
    }

    @Test func driftThatCannotBeRepairedRollsNothingBackAndIsHeldAfterThreePasses() async throws {
        try await World.with { world in
            try await world.repository.commit([
                "staging/environment.yaml": World.environment(),
                "staging/web.yaml": world.workload(before: "test ! -e \"$ROOT/broken\""),
            ])
            #expect(await world.pass().status == 0)
            try "x".write(toFile: world.live + "/broken", atomically: true, encoding: .utf8)
            try FileManager.default.removeItem(atPath: world.live + "/staging-web-1")
            for _ in 0..<3 {
                let run = await world.pass()
                #expect(try run.status == 1 && (run.outcome("staging")) == "failed", "\(run.output)")
            }
            #expect(await world.pass().status == 3)
            try FileManager.default.removeItem(atPath: world.live + "/broken")
            #expect(await world.reconcile("resume", "staging").status == 0)
            #expect(await world.pass().status == 0)
            #expect(world.version("web-1") == "1")
        }
    }

    @Test func aRollbackThatFailsIsNotRolledBackAndIsLeftAloneAfterThreeRepairs() async throws {
        try await World.with { world in
            let git = world.repository
            let fine = "test ! -e \"$ROOT/broken\""
            try await git.commit([
                "staging/environment.yaml": World.environment(),
                "staging/web.yaml": world.workload(replicas: 2, before: fine),
            ])
            #expect(await world.pass().status == 0)
            try "x".write(toFile: world.live + "/broken", atomically: true, encoding: .utf8)
            try await git.commit([
                "staging/web.yaml": world.workload(
                    version: "2", replicas: 2, before: #"test "$RECONCILE_INSTANCE" = web-1"#)
            ])
            for _ in 0..<4 {
                let run = await world.pass()
                #expect(try run.status == 1 && run.outcome("staging") == "failed", "\(run.output)")
            }
            #expect(world.version("web-1") == "2" && world.version("web-2") == "1")
            let acts = world.acts
            let held = await world.pass()
            #expect(try held.status == 3 && held.outcome("staging") == "held", "\(held.output)")
            #expect(world.acts == acts)
            try await git.commit(["staging/web.yaml": world.workload(version: "3", replicas: 2)])
            #expect(await world.pass().status == 0, "the commit that mends it is not held")
            #expect(world.version("web-1") == "3" && world.version("web-2") == "3")
        }
    }

    @Test func driftIsOnlyReportedWhereThePolicySaysSo() async throws {
        try await World.with { world in
            try await world.repository.commit([
                "staging/environment.yaml": World.environment("drift: report"), "staging/web.yaml": world.workload(),
            ])
            #expect(await world.pass().status == 0)
            try FileManager.default.removeItem(atPath: world.live + "/staging-web-1")
            let run = await world.pass()
            let changes = try run.environment("staging")["changes"] as? [[String: Any]] ?? []
            #expect(try run.status == 4 && run.outcome("staging") == "waiting", "\(run.output) \(run.errors)")
            #expect(changes.map { $0["cause"] as? String } == ["drift"])
            #expect(world.version("web-1") == nil)
            try await world.repository.commit(["staging/web.yaml": world.workload(version: "2")])
            #expect(await world.pass().status == 0, "a commit is carried out all the same")
            #expect(world.version("web-1") == "2")
        }
    }
}
