import Foundation
import TestSupport
import Testing

/// What peers got wrong: one bad environment never harms another, and nothing is deleted by mistake.
@Suite struct BadDayTests {
    private func two(_ world: World) async throws {
        try await world.repository.commit([
            "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(),
            "other/environment.yaml": World.environment(), "other/web.yaml": world.workload(),
        ])
        let run = await world.pass()
        #expect(run.status == 0, "\(run.output) \(run.errors)")
    }

    @Test func brokenYAMLHoldsOnlyItsOwn() async throws {
        try await World.with { world in
            try await two(world)
            try await world.repository.commit([
                "staging/web.yaml": "kind: Workload\nname: web\n  driver: [\n",
                "other/web.yaml": world.workload(version: "2"),
            ])
            let run = await world.pass()
            #expect(try run.status == 1 && (run.outcome("staging")) == "error" && (run.outcome("other")) == "applied")
            let problem = try (run.environment("staging")["problems"] as? [[String: Any]] ?? []).first
            #expect(problem?["file"] as? String == "staging/web.yaml" && (problem?["line"] as? Int ?? 0) >= 2)
            #expect(world.version("web-1") == "1" && world.version("web-1", in: "other") == "2")
            #expect(!world.acts.contains { $0.hasPrefix("remove") })
        }
    }

    @Test func aFileThatIsTooLargeIsAProblemBesideAllOthers() async throws {
        try await World.with { world in
            try await two(world)
            let large = world.workload() + "# " + String(repeating: "x", count: 1 << 20) + "\n"
            try await world.repository.commit([
                "staging/large.yaml": large, "staging/larger.yaml": large + "#",
                "staging/web.yaml": world.workload().replacingOccurrences(of: "replicas", with: "replica"),
                "deployment.yml": large,
            ])
            for _ in 0..<2 {
                let run = await world.pass()
                let problems = try run.environment("staging")["problems"] as? [[String: Any]] ?? []
                #expect(
                    problems.map { "\($0["file"] ?? ""):\($0["line"] ?? ""):\($0["column"] ?? "")" } == [
                        "deployment.yml:1:1", "staging/large.yaml:1:1", "staging/larger.yaml:1:1",
                        "staging/web.yaml:4:1",
                    ], "\(run.output)")
                #expect(try run.status == 1 && run.outcome("staging") == "error" && run.outcome("other") == "error")
            }
            try world.repository.remove("deployment.yml")
            try await world.repository.commit()
            #expect(try await world.pass().outcome("other") == "in-sync")
        }
    }

    @Test func anUnknownDriverIsAProblemWithASuggestion() async throws {
        try await World.with { world in
            try await two(world)
            try await world.repository.commit([
                "staging/web.yaml": world.workload().replacingOccurrences(of: "driver: shell", with: "driver: shel")
            ])
            let run = await world.pass()
            #expect(try run.status == 1 && run.output.contains("shell") && (run.outcome("other")) == "in-sync")
            #expect(!world.acts.contains { $0.hasPrefix("remove") })
        }
    }

    @Test func aFolderThatDisappearedIsHeldUntilForgotten() async throws {
        try await World.with { world in
            try await two(world)
            try await world.repository.git("rm", "--quiet", "-r", "staging")
            try await world.repository.commit(message: "Away")
            let run = await world.pass()
            #expect(try run.status == 3 && (run.outcome("staging")) == "held" && (run.outcome("other")) == "in-sync")
            #expect(world.version("web-1") == "1")
            #expect(await world.reconcile("forget", "other").status == 1, "it is still in git")
            let forget = await world.reconcile("forget", "staging", "--remove")
            #expect(forget.status == 0, "\(forget.output) \(forget.errors)")
            #expect(world.version("web-1") == nil)
            #expect(await world.pass().status == 0)
        }
    }

    @Test func aRenamedEnvironmentIsANewOneAndTheOldIsHeld() async throws {
        try await World.with { world in
            try await two(world)
            try await world.repository.git("mv", "staging", "stage")
            try await world.repository.commit(message: "Renamed")
            let run = await world.pass()
            #expect(try run.status == 3 && (run.outcome("staging")) == "held" && (run.outcome("stage")) == "applied")
            #expect(world.version("web-1") == "1" && world.version("web-1", in: "stage") == "1")
        }
    }

    @Test func tooManyDeletionsWaitAndAreAllowedOnce() async throws {
        try await World.with { world in
            let git = world.repository
            try await git.commit([
                "staging/environment.yaml": World.environment(),
                "staging/a.yaml": world.workload("a"), "staging/b.yaml": world.workload("b"),
                "staging/c.yaml": world.workload("c"),
            ])
            #expect(await world.pass().status == 0)
            try git.remove("staging/a.yaml")
            try git.remove("staging/b.yaml")
            try await git.commit()
            let run = await world.pass()
            #expect(try run.status == 4 && (run.outcome("staging")) == "waiting")
            #expect(world.version("a-1") == "1")
            let allowed = await world.pass("--allow-delete")
            #expect(
                allowed.status == 0 && world.version("a-1") == nil && world.version("c-1") == "1", "\(allowed.output)")
        }
    }

    @Test func aDeletedWorkloadIsPrunedAndAWithdrawnPruneKeepsIt() async throws {
        try await World.with { world in
            let git = world.repository
            try await git.commit([
                "staging/environment.yaml": World.environment("prune: false"),
                "staging/a.yaml": world.workload("a"), "staging/b.yaml": world.workload("b"),
            ])
            #expect(await world.pass().status == 0)
            try git.remove("staging/a.yaml")
            try await git.commit()
            #expect(await world.pass().status == 0)
            #expect(world.version("a-1") == "1")
            try await git.commit(["staging/environment.yaml": World.environment()])
            #expect(await world.pass().status == 0)
            #expect(world.version("a-1") == nil && world.version("b-1") == "1")
        }
    }

    @Test func unknownIsNeverActedOn() async throws {
        try await World.with { world in
            let git = world.repository
            func a(_ version: String) -> String {
                world.workload("a", version: version).replacingOccurrences(
                    of: "observe: cat", with: "observe: test ! -e \"$ROOT/dark\" || exit 7; cat")
            }
            try await git.commit([
                "staging/environment.yaml": World.environment(), "staging/a.yaml": a("1"),
                "staging/b.yaml": world.workload("b", more: "depends_on: [a]"), "staging/c.yaml": world.workload("c"),
            ])
            #expect(await world.pass().status == 0)
            try "x".write(toFile: world.live + "/dark", atomically: true, encoding: .utf8)
            try await git.commit([
                "staging/a.yaml": a("2"), "staging/b.yaml": world.workload("b", version: "2", more: "depends_on: [a]"),
                "staging/c.yaml": world.workload("c", version: "2"),
            ])
            let run = await world.pass()
            #expect(try run.status == 1 && (run.outcome("staging")) == "error", "\(run.output)")
            #expect(world.version("a-1") == "1" && world.version("b-1") == "1" && world.version("c-1") == "2")
            try FileManager.default.removeItem(atPath: world.live + "/dark")
            #expect(await world.pass().status == 0)
            #expect(world.version("a-1") == "2" && world.version("b-1") == "2")
        }
    }

    @Test(arguments: [
        "approval: {required: 1}", "soak: 30m", "windows: [{deny: \"0 17 * * FRI\", for: 63h, zone: Europe/Berlin}]",
        "gates: input-gates.yml",
    ])
    func aSafetyKeyIsNeverPassedSilently(line: String) async throws {
        try await World.with { world in
            try await world.repository.commit([
                "staging/environment.yaml": World.environment(line), "staging/web.yaml": world.workload(),
            ])
            let run = await world.pass()
            #expect(try run.status == 4 && (run.outcome("staging")) == "waiting", "\(run.output) \(run.errors)")
            #expect(world.version("web-1") == nil)
            let dry = await world.reconcile("--dry-run", "-o", "json")
            #expect(try dry.status == 0 && (dry.environment("staging")["gates"] as? [Any])?.isEmpty == false)
        }
    }

    @Test func afterOrdersEnvironmentsWithinAPass() async throws {
        try await World.with { world in
            let git = world.repository
            try await git.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(),
                "a-production/environment.yaml": World.environment("after: staging"),
                "a-production/web.yaml": world.workload(),
            ])
            let run = await world.pass()
            #expect(run.status == 0, "\(run.output) \(run.errors)")
            try await git.commit([
                "staging/web.yaml": world.workload(version: "2", before: "exit 1"),
                "a-production/web.yaml": world.workload(version: "2"),
            ])
            let second = await world.pass()
            #expect(try second.status == 3 && (second.outcome("a-production")) == "waiting")
            #expect(world.version("web-1", in: "a-production") == "1")
            try await git.commit(["staging/web.yaml": world.workload(version: "2")])
            #expect(await world.pass().status == 0)
            #expect(world.version("web-1", in: "a-production") == "2")
        }
    }

    @Test func aPinHoldsWhateverComesBefore() async throws {
        try await World.with { world in
            let git = world.repository
            try await git.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(),
                "production/environment.yaml": World.environment("after: staging"),
                "production/web.yaml": world.workload(),
            ])
            #expect(await world.pass().status == 0)
            try await git.commit([
                "staging/web.yaml": world.workload(version: "2"), "production/web.yaml": world.workload(version: "2"),
            ])
            #expect(await world.pass().status == 0)
            #expect(await world.reconcile("rollback", "production").status == 0)
            try await git.commit([
                "staging/web.yaml": "kind: Workload\n", "production/web.yaml": world.workload(version: "3"),
            ])
            try FileManager.default.removeItem(atPath: world.live + "/production-web-1")
            let run = await world.pass()
            #expect(try run.status == 1 && run.outcome("staging") == "error")
            #expect(try run.outcome("production") == "held", "\(run.output)")
            #expect(world.version("web-1", in: "production") == "1", "drift is repaired towards the pin")
            #expect(await world.reconcile("resume", "production").status == 0)
            #expect(try await world.pass().outcome("production") == "waiting")
        }
    }

    @Test func whatIsStillThereAfterItsRemovalIsNotForgotten() async throws {
        try await World.with { world in
            let git = world.repository
            let stays = world.workload("a").replacingOccurrences(
                of: "    rm -rf", with: "    test -e \"$ROOT/may\" || exit 0\n    rm -rf")
            try await git.commit([
                "staging/environment.yaml": World.environment(), "staging/a.yaml": stays,
                "staging/b.yaml": world.workload("b"),
            ])
            #expect(await world.pass().status == 0)
            try git.remove("staging/a.yaml")
            try await git.commit()
            let run = await world.pass()
            #expect(try run.status == 3 && run.outcome("staging") == "rolled-back", "\(run.output) \(run.errors)")
            #expect(try await world.sql("SELECT instance FROM instances ORDER BY 1") == ["a-1", "b-1"])
            try "".write(toFile: world.live + "/may", atomically: true, encoding: .utf8)
            #expect(await world.reconcile("resume", "staging").status == 0)
            #expect(await world.pass().status == 0)
            #expect(world.version("a-1") == nil)
            #expect(try await world.sql("SELECT instance FROM instances") == ["b-1"])
        }
    }

    @Test func aServerThatIsGoneLeavesTheLastRevisionInForce() async throws {
        try await World.with { world in
            try await two(world)
            try FileManager.default.moveItem(atPath: world.repository.path, toPath: world.root + "/away")
            try FileManager.default.removeItem(atPath: world.live + "/staging-web-1")
            let run = await world.pass()
            let source = try run.json()["source"] as? [String: Any]
            #expect(run.status == 1 && source?["error"] is String, "\(run.output)")
            #expect(world.version("web-1") == "1", "drift is repaired towards the last revision")
            try FileManager.default.moveItem(atPath: world.root + "/away", toPath: world.repository.path)
            #expect(await world.pass().status == 0)
        }
    }

    @Test func withoutAnyRevisionThereIsNothingToDo() async throws {
        try await World.with { world in
            try FileManager.default.removeItem(atPath: world.repository.path)
            let run = await world.pass()
            #expect(try run.status == 1 && (run.json()["commit"]) is NSNull)
            #expect(try (run.json()["environments"] as? [Any])?.isEmpty == true)
        }
    }

    @Test func aPathGoneFromGitIsTakenDownByWhatWasRecorded() async throws {
        try await World.with { world in
            let git = world.repository
            let a = world.workload("a", shell: "  files: [tools/]").replacingOccurrences(
                of: "rm -rf \"$ROOT/", with: "sh ./tools/remove.sh; rm -rf \"$ROOT/")
            try await git.commit([
                "tools/remove.sh": "echo taken >>\"$ROOT/acts\"\n", "staging/environment.yaml": World.environment(),
                "staging/a.yaml": a, "staging/b.yaml": world.workload("b"),
            ])
            let run = await world.pass()
            #expect(run.status == 0, "\(run.output) \(run.errors)")
            try await git.git("checkout", "--quiet", "--orphan", "fresh")
            try await git.git("rm", "--quiet", "-r", "-f", "tools", "staging/a.yaml")
            try await git.git("commit", "--quiet", "-m", "another history")
            try await git.git("branch", "--quiet", "-M", "main")
            let forced = await world.pass()
            #expect(forced.status == 0, "\(forced.output) \(forced.errors)")
            #expect(world.acts.contains("taken") && world.version("a-1") == nil)
        }
    }
}
