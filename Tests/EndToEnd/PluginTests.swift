import Foundation
import Glibc
import TestSupport
import Testing

/// Drivers in other languages, through the built program.
@Suite struct PluginTests {
    private static let example = Project.path("docs/examples/python/reconcile-driver-file")

    private func allow(_ path: String, in world: World, more: String = "") throws -> [String: String] {
        let text = "drivers:\n  - {name: file, path: '\(path)'\(more)}\n"
        try text.write(toFile: world.root + "/reconcile.yaml", atomically: true, encoding: .utf8)
        return ["RECONCILE_CONFIG": world.root + "/reconcile.yaml"]
    }

    private func workload(_ world: World, _ text: String, more: String = "") -> String {
        """
        kind: Workload
        name: note
        driver: file
        replicas: 2
        rollout: {min_healthy_time: 0s}
        file: {folder: '\(world.live)', text: '\(text)'\(more)}

        """
    }

    /// A plugin of a test's own, in Python: `hello()` and the requests in `line()`, answers by `say(…)`.
    private func plugin(_ world: World, _ body: String) throws -> String {
        let path = world.root + "/plugin"
        let head = """
            #!/usr/bin/python3
            import json, os, signal, sys, time
            ROOT = "\(world.root)"
            def say(**message):
                print(json.dumps(message), flush=True)
            def line():
                text = sys.stdin.readline()
                return json.loads(text) if text else None
            with open(ROOT + "/starts", "a") as file:
                file.write("start\\n")

            """
        try (head + body).write(toFile: path, atomically: true, encoding: .utf8)
        chmod(path, 0o755)
        return path
    }

    @Test func aMergeDeploysAndARevertRollsBack() async throws {
        try await World.with { world in
            let allowed = try allow(Self.example, in: world)
            try await world.repository.commit([
                "staging/environment.yaml": World.environment(), "staging/note.yaml": workload(world, "one"),
            ])
            let first = await world.pass(environment: allowed)
            #expect(try first.status == 0 && first.outcome("staging") == "applied", "\(first.output) \(first.errors)")
            #expect(world.read("live/staging-note-1") == "one" && world.read("live/staging-note-2") == "one")
            #expect(try await world.pass(environment: allowed).outcome("staging") == "in-sync")

            try await world.repository.commit(["staging/note.yaml": workload(world, "two", more: ", pause: 0.3")])
            let dry = await world.pass("--dry-run", "--detailed-exitcode", environment: allowed)
            #expect(dry.status == 2 && world.read("live/staging-note-1") == "one", "\(dry.output) \(dry.errors)")
            let second = await world.reconcile("-v", environment: allowed)
            #expect(second.status == 0 && world.read("live/staging-note-2") == "two", "\(second.output)")
            #expect(second.errors.contains("of 10: writing"), "how far it is is told while it runs: \(second.errors)")

            try await world.repository.git("revert", "--no-edit", "HEAD")
            let third = await world.pass(environment: allowed)
            #expect(try third.status == 0 && third.outcome("staging") == "applied", "\(third.output) \(third.errors)")
            #expect(world.read("live/staging-note-1") == "one" && world.read("live/staging-note-2") == "one")

            try "two".write(toFile: world.live + "/staging-note-1", atomically: true, encoding: .utf8)
            let drifted = await world.pass(environment: allowed)
            #expect(drifted.status == 0 && drifted.output.contains("drift"), "\(drifted.output)")
            #expect(world.read("live/staging-note-1") == "one")
            #expect(try await world.survivors().isEmpty)
        }
    }

    @Test func aBadVersionIsTakenBackAndWhatThePluginSaidIsShown() async throws {
        try await World.with { world in
            let path = try plugin(
                world,
                """
                line()
                say(hello={"protocol": 1, "name": "file"})
                there = {}
                while True:
                    asked = line()
                    if asked is None:
                        break
                    file = ROOT + "/live/" + asked["instance"]
                    if asked["request"] == "observe":
                        seen = open(file).read() if os.path.exists(file) else None
                        say(id=asked["id"], result={"state": "running", "digest": seen} if seen else {"state": "absent"})
                    elif asked["request"] == "apply":
                        say(id=asked["id"], log="bringing " + asked["block"]["text"] + "\\u001b[2J")
                        say(id=asked["id"], log="with " + open(asked["folder"] + "/data/deep/x").read())
                        if asked["block"]["text"] == "bad":
                            say(id=asked["id"], error="it is bad")
                            continue
                        with open(file, "w") as out:
                            out.write(asked["digest"])
                        say(id=asked["id"], result={})
                    else:
                        say(id=asked["id"], error="never")
                """)
            let allowed = try allow(path, in: world)
            try await world.repository.commit([
                "staging/environment.yaml": World.environment(), "data/deep/x": "a file",
                "staging/note.yaml": workload(world, "good", more: ", files: [data/]"),
            ])
            #expect(await world.pass(environment: allowed).status == 0)
            try await world.repository.commit(["staging/note.yaml": workload(world, "bad", more: ", files: [data/]")])
            let run = await world.pass(environment: allowed)
            #expect(try run.status == 3 && run.outcome("staging") == "rolled-back", "\(run.output) \(run.errors)")
            let id = try run.environment("staging")["reconcile"] as? Int ?? 0
            let shown = await world.reconcile("show", "\(id)", environment: allowed)
            #expect(shown.output.contains("bringing bad\\u{1b}[2J") && shown.output.contains("it is bad"))
            #expect(shown.output.contains("with a file"))
            #expect(world.read("starts") == "start\nstart\n", "one process a pass")
        }
    }

    @Test func aKilledPassLeavesNoPluginBehind() async throws {
        try await World.with { world in
            let path = try plugin(
                world,
                """
                if os.path.exists(ROOT + "/well"):
                    os.execv("\(Self.example)", ["reconcile-driver-file"])
                # It neither hears that its input ended nor dies alone.
                os.system("setsid sleep 300 & sleep 300 &")
                line()
                say(hello={"protocol": 1, "name": "file"})
                asked = line()
                say(id=asked["id"], result={"state": "absent"})
                asked = line()
                say(id=asked["id"], result={"state": "absent"})
                line()
                open(ROOT + "/begun", "w").close()
                time.sleep(300)
                """)
            let allowed = try allow(path, in: world)
            try await world.repository.commit([
                "staging/environment.yaml": World.environment(), "staging/note.yaml": workload(world, "one"),
            ])
            let killed = Task { await world.pass(environment: allowed) }
            try await eventually("the apply has begun") { world.read("begun") != nil }
            let holder = try #require(world.read("state/lock")?.split { !$0.isNumber }.first.flatMap { pid_t($0) })
            kill(holder, SIGKILL)
            #expect(await killed.value.status != 0)
            #expect(try await !world.survivors().isEmpty, "there is something to find")
            try "".write(toFile: world.root + "/well", atomically: true, encoding: .utf8)
            let next = await world.pass(environment: allowed)
            #expect(next.status == 0, "\(next.output) \(next.errors)")
            #expect(world.read("live/staging-note-2") == "one")
            #expect(try await world.survivors().isEmpty)
        }
    }

    @Test func fiftyEnvironmentsWhosePluginIsMissingAreErrorsAndKeepWhatTheyHave() async throws {
        try await World.with { world in
            var files: [String: String] = [:]
            for number in 1...50 {
                files["e\(number)/environment.yaml"] = World.environment()
                files["e\(number)/note.yaml"] = workload(world, "one")
            }
            try await world.repository.commit(files)
            let well = await world.pass(environment: try allow(Self.example, in: world))
            #expect(well.status == 0, "\(well.errors)")
            #expect(try await world.sql("SELECT count(*) FROM instances") == ["100"])

            // Gone, and there but broken: both are one clear sentence for each, and no storm of starts.
            let broken = try plugin(world, "sys.exit(7)")
            for (path, sentence) in [
                (world.root + "/gone", "cannot be started: the program '\(world.root)/gone' does not exist"),
                (broken, "ended by itself with exit 7 before it said hello"),
            ] {
                let run = await world.pass(environment: try allow(path, in: world))
                #expect(run.status == 1)
                for number in 1...50 {
                    let environment = try run.environment("e\(number)")
                    #expect(environment["outcome"] as? String == "error")
                    #expect((environment["reason"] as? String ?? "").contains(sentence), "\(environment)")
                }
                #expect(try await world.sql("SELECT count(*) FROM instances") == ["100"])
            }
            #expect((world.read("starts") ?? "").split(separator: "\n").count <= 2, "\(world.read("starts") ?? "")")
            // Not allowed any more: the same, by the manifests' problem.
            try FileManager.default.removeItem(atPath: world.root + "/reconcile.yaml")
            let bare = await world.pass()
            #expect(bare.status == 1 && bare.output.contains("there is no driver file any more"), "\(bare.output)")
            #expect(try await world.sql("SELECT count(*) FROM instances") == ["100"])
            #expect(world.read("live/e1-note-1") == "one")
            let back = await world.pass(environment: try allow(Self.example, in: world))
            #expect(back.status == 0, "\(back.output) \(back.errors)")
        }
    }

    @Test func allowingADriverMendsItsManifestsAtOnceAlsoInALoop() async throws {
        try await World.with { world in
            try await world.repository.commit([
                "staging/environment.yaml": World.environment(), "staging/note.yaml": workload(world, "one"),
            ])
            try "interval: 1h\n".write(toFile: world.root + "/reconcile.yaml", atomically: true, encoding: .utf8)
            let configuration = ["RECONCILE_CONFIG": world.root + "/reconcile.yaml"]
            let bare = await world.pass(environment: configuration)
            #expect(bare.status == 1 && bare.output.contains("another is allowed by `drivers`"), "\(bare.output)")
            let loop = try await Background.run(world, environment: configuration)
            _ = try allow(Self.example, in: world)
            loop.signal(SIGHUP)
            try await eventually("it is deployed") { world.read("live/staging-note-2") == "one" }
            let end = await loop.end()
            #expect(end.status == 0, "\(end.errors)")
            #expect(try await world.survivors().isEmpty)
        }
    }

    @Test func aPluginCannotTakeThePlaceOfWhatIsBuiltIn() async throws {
        try await World.with { world in
            for (entry, sentence) in [
                ("{name: shell}", "the driver `shell` is built in"), ("health", "`health` is a key of workloads"),
                ("{name: a, path: bin/a}", "`path` must be absolute"), ("b", ""),
            ] {
                try "drivers: [a, \(entry)]\n".write(
                    toFile: world.root + "/reconcile.yaml", atomically: true, encoding: .utf8)
                let run = await world.reconcile("status")
                #expect(sentence.isEmpty || run.errors.contains(sentence), "\(run.errors)")
                #expect(run.status == (sentence.isEmpty ? 0 : 1), "\(run.errors)")
            }
        }
    }

    @Test func theSuiteIsACommand() async throws {
        try await World.with { world in
            let shell = await world.reconcile("driver", "check", "shell", "-o", "json")
            #expect(shell.status == 0, "\(shell.output) \(shell.errors)")
            let results = try JSONSerialization.jsonObject(with: Data(shell.output.utf8)) as? [[String: Any]] ?? []
            #expect(results.count == 12 && results.allSatisfy { $0["outcome"] as? String == "passed" })

            let allowed = try allow(Self.example, in: world)
            let sample = (workload(world, "one") + "---\n" + workload(world, "two")).replacingOccurrences(
                of: "replicas: 2\n", with: "")
            try sample.write(toFile: world.root + "/sample.yaml", atomically: true, encoding: .utf8)
            let file = await world.reconcile(
                "driver", "check", "file", "--workload", "sample.yaml", environment: allowed)
            #expect(file.status == 0, "\(file.output) \(file.errors)")
            #expect(file.output.contains("skipped  unknown") && file.output.contains("passed   update"))

            let broken = try allow(try plugin(world, "sys.exit(7)"), in: world)
            let bad = await world.reconcile("driver", "check", "file", "--workload", "sample.yaml", environment: broken)
            #expect(bad.status == 1 && bad.output.contains("failed   hello"), "\(bad.output) \(bad.errors)")
            #expect(await world.reconcile("driver", "check", "file", environment: allowed).status == 64)
            let doctor = await world.reconcile("doctor", environment: broken)
            #expect(doctor.status == 1 && doctor.output.contains("ended by itself with exit 7"), "\(doctor.output)")
        }
    }
}
