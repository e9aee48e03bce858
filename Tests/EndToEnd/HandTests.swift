import Foundation
import TestSupport
import Testing

/// What people do by hand: pause, resume, abort, rollback, and what they read.
@Suite struct HandTests {
    @Test func rollbackPinsUntilResume() async throws {
        try await World.with { world in
            let git = world.repository
            try await git.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(),
            ])
            #expect(await world.pass().status == 0)
            let none = await world.reconcile("rollback", "staging")
            #expect(none.status == 1, "there is nothing to go back to: \(none.output)")
            try await git.commit(["staging/web.yaml": world.workload(version: "2")])
            #expect(await world.pass().status == 0)
            let back = await world.reconcile("rollback", "staging")
            #expect(back.status == 0 && world.version("web-1") == "1", "\(back.output) \(back.errors)")
            try await git.commit(["staging/web.yaml": world.workload(version: "3")])
            let held = await world.pass()
            #expect(try held.status == 3 && (held.outcome("staging")) == "held" && world.version("web-1") == "1")
            #expect(await world.reconcile("resume", "staging").status == 0)
            #expect(await world.pass().status == 0)
            #expect(world.version("web-1") == "3")
        }
    }

    /// Where version 3 is half done, the last good input is version 2 and not the one before.
    @Test(arguments: ["paused by hand", "failed and left"])
    func rollbackFromWhatIsHalfDoneGoesToWhatRanBefore(how: String) async throws {
        try await World.with { world in
            let git = world.repository
            let policy = how == "failed and left" ? World.environment("on_failure: pause") : World.environment()
            for version in ["1", "2"] {
                try await git.commit([
                    "staging/environment.yaml": policy,
                    "staging/web.yaml": world.workload(version: version, replicas: 2),
                ])
                #expect(await world.pass().status == 0)
            }
            let waits = "touch \"$ROOT/begun\"; until test -e \"$ROOT/go\"; do sleep 0.1; done"
            let fails = "; test \"$RECONCILE_INSTANCE\" = web-1"
            try await git.commit([
                "staging/web.yaml": world.workload(version: "3", replicas: 2, before: waits + fails)
            ])
            async let pass = world.pass()
            try await eventually("the first command runs") { world.read("live/begun") != nil }
            if how == "paused by hand" { #expect(await world.reconcile("pause", "staging").status == 0) }
            try "".write(toFile: world.live + "/go", atomically: true, encoding: .utf8)
            #expect(await pass.status == (how == "paused by hand" ? 4 : 1))
            #expect(world.version("web-1") == "3" && world.version("web-2") == "2")
            let back = await world.reconcile("rollback", "staging")
            #expect(back.status == 0, "\(back.output) \(back.errors)")
            #expect(world.version("web-1") == "2" && world.version("web-2") == "2")
            #expect(await world.reconcile("rollback", "staging").status == 0)
            #expect(world.version("web-1") == "1" && world.version("web-2") == "1")
        }
    }

    @Test func rollbackToACommit() async throws {
        try await World.with { world in
            let git = world.repository
            let first = try await git.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(),
            ])
            #expect(await world.pass().status == 0)
            for version in ["2", "3"] {
                try await git.commit(["staging/web.yaml": world.workload(version: version)])
                #expect(await world.pass().status == 0)
            }
            let back = await world.reconcile("rollback", "staging", "--to", String(first.prefix(8)))
            #expect(back.status == 0 && world.version("web-1") == "1", "\(back.output) \(back.errors)")
            #expect(await world.reconcile("rollback", "staging", "--to", "--upload-pack=x").status != 0)
        }
    }

    @Test func pausedEnvironmentsAreLeftAlone() async throws {
        try await World.with { world in
            let git = world.repository
            try await git.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(),
            ])
            #expect(await world.pass().status == 0)
            #expect(await world.reconcile("pause", "staging", "--reason", "maintenance").status == 0)
            try await git.commit(["staging/web.yaml": world.workload(version: "2")])
            try FileManager.default.removeItem(atPath: world.live + "/staging-web-1")
            let paused = await world.pass()
            #expect(try paused.status == 4 && (paused.outcome("staging")) == "paused")
            #expect(world.version("web-1") == nil)
            let why = await world.reconcile("why", "staging")
            #expect(
                why.status == 0 && why.output.contains("maintenance") && why.output.contains("resume"), "\(why.output)")
            #expect(await world.reconcile("resume", "staging").status == 0)
            #expect(await world.pass().status == 0)
            #expect(world.version("web-1") == "2")
            #expect(await world.reconcile("pause", "stagin").status == 1)
        }
    }

    @Test func abortEndsWhatAPauseLeftOpenWhereNoLoopRuns() async throws {
        try await World.with { world in
            let git = world.repository
            let waits = "touch \"$ROOT/begun\"; until test -e \"$ROOT/go\"; do sleep 0.1; done"
            try await git.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(replicas: 2),
            ])
            #expect(await world.pass().status == 0)
            try await git.commit(["staging/web.yaml": world.workload(version: "2", replicas: 2, before: waits)])
            async let pass = world.pass()
            try await eventually("the first command runs") { world.read("live/begun") != nil }
            #expect(await world.reconcile("pause", "staging").status == 0)
            try "".write(toFile: world.live + "/go", atomically: true, encoding: .utf8)
            #expect(await pass.status == 4)
            #expect(world.version("web-1") == "2" && world.version("web-2") == "1")
            let abort = await world.reconcile("abort", "staging")
            #expect(abort.status == 0 && abort.output.contains("rolled back"), "\(abort.output) \(abort.errors)")
            #expect(world.version("web-1") == "1" && world.version("web-2") == "1")
            #expect(try await world.sql("SELECT outcome FROM reconciles WHERE id = 2") == ["rolled-back"])
            #expect(await world.pass().status == 3, "the input is held")
            #expect(await world.reconcile("abort", "staging").status == 1, "nothing is under way any more")
        }
    }

    @Test func onFailurePauseStopsWhereItFailed() async throws {
        try await World.with { world in
            let git = world.repository
            try await git.commit([
                "staging/environment.yaml": World.environment("on_failure: pause"),
                "staging/web.yaml": world.workload(replicas: 2),
            ])
            #expect(await world.pass().status == 0)
            try await git.commit([
                "staging/web.yaml": world.workload(
                    version: "2", replicas: 2, before: #"test "$RECONCILE_INSTANCE" != web-2"#)
            ])
            let run = await world.pass()
            #expect(try run.status == 1 && (run.outcome("staging")) == "failed")
            #expect(world.version("web-1") == "2" && world.version("web-2") == "1")
            #expect(try await world.pass().outcome("staging") == "paused")
        }
    }

    @Test func everythingCanBeRead() async throws {
        try await World.with { world in
            let git = world.repository
            try await git.commit(
                ["staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload()],
                message: "Begin")
            #expect(await world.pass().status == 0)
            try await git.commit(
                ["staging/web.yaml": world.workload(version: "2", before: "echo this-is-why >&2; exit 3")],
                message: "Break it")
            #expect(await world.pass().status == 3)
            let history = await world.reconcile("history")
            for word in ["Break it", "Test Author", "rolled-back", "applied", "Begin"] {
                #expect(history.output.contains(word), "\(history.output)")
            }
            #expect(await world.reconcile("history", "--since", "1d").output.contains("Break it"))
            let none = await world.reconcile("--since", "2999-01-01", "history", "-o", "json")
            #expect(none.status == 0 && none.output == "[]\n", "\(none.output) \(none.errors)")
            let show = await world.reconcile("show", "2")
            for word in ["this-is-why", "exit 3", "start web-1", "shell.env.VERSION"] {
                #expect(show.output.contains(word), "\(word): \(show.output)")
            }
            let why = await world.reconcile("why", "staging")
            #expect(why.output.contains("this-is-why") || why.output.contains("exited 3"), "\(why.output)")
            let status = await world.reconcile("status")
            #expect(status.status == 0 && status.output.contains("staging"))
            for command in ["status", "history", "why staging", "show 2", "doctor", "schema"] {
                let run = await world.reconcile(
                    command.split(separator: " ").map(String.init) + (command == "schema" ? [] : ["-o", "json"]))
                #expect(
                    (try? JSONSerialization.jsonObject(with: Data(run.output.utf8))) != nil,
                    "\(command): \(run.output) \(run.errors)")
            }
        }
    }

    @Test func aSecretIsNowhere() async throws {
        try await World.with { world in
            let canary = "canary-7f3a9d-very-secret"
            try canary.write(toFile: world.root + "/key", atomically: true, encoding: .utf8)
            let web = world.workload(before: #"echo "token is $KEY"; echo "$KEY" >&2; test -n "$KEY""#)
                .replacingOccurrences(of: "env: {", with: "env: {KEY: {secret: {file: \(world.root)/key}}, ")
            try await world.repository.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": web,
            ])
            var said = ""
            for arguments in [
                ["--dry-run"], ["-v"], ["show", "1"], ["why", "staging"], ["history"], ["status"],
                ["--dry-run", "-o", "json"],
            ] {
                let run = await world.reconcile(arguments)
                said += run.output + run.errors
            }
            #expect(world.version("web-1") == "1")
            #expect(!said.contains(canary) && said.contains("token is"), "the output is kept, the secret is not")
            let files = FileManager.default.enumerator(atPath: world.state)
            while let name = files?.nextObject() as? String {
                let data = FileManager.default.contents(atPath: world.state + "/" + name) ?? Data()
                #expect(data.range(of: Data(canary.utf8)) == nil, "\(name)")
            }
        }
    }
}
