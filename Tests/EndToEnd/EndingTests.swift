import Foundation
import Glibc
import Processes
import TestSupport
import Testing

/// How a loop ends, and what becomes of what was asked of it meanwhile.
@Suite struct EndingTests {
    /// An `apply` that says that it has begun and waits for `go`.
    private static let waits = "touch \"$ROOT/begun\"; until test -e \"$ROOT/go\"; do sleep 0.1; done"

    private func deploy(_ world: World, before: String = "true", replicas: Int = 1) async throws {
        try await world.repository.commit([
            "staging/environment.yaml": World.environment("interval: 1h"),
            "staging/web.yaml": world.workload(replicas: replicas, before: before),
        ])
    }

    private func go(_ world: World) throws {
        try "".write(toFile: world.live + "/go", atomically: true, encoding: .utf8)
    }

    @Test func oneTermEndsAtTheStepBoundary() async throws {
        try await World.with { world in
            try await deploy(world, before: Self.waits, replicas: 2)
            let loop = try await Background.run(world)
            try await eventually("the first command runs") { world.read("live/begun") != nil }
            loop.signal(SIGTERM)
            try await eventually("it was heard") { loop.said.contains("ending: at the next step boundary") }
            #expect(await world.reconcile("wake").status == 0, "it is still there")
            #expect(world.acts.isEmpty)
            try go(world)
            #expect(await loop.result().status == 0)
            #expect(world.acts == ["apply web-1 1"], "what had begun was finished, and nothing begun")
            #expect(try await world.sql("SELECT outcome IS NULL FROM reconciles") == ["1"])
            #expect(try await world.sql("SELECT count(*) FROM steps WHERE state = 'running'") == ["0"])
            #expect(await world.pass().status == 0)
            #expect(world.acts == ["apply web-1 1", "apply web-2 1"])
            #expect(try await world.sql("SELECT id, outcome FROM reconciles") == ["1|applied"])
        }
    }

    @Test func aSecondTermEndsNowAndTheNextStartRecovers() async throws {
        try await World.with { world in
            try await deploy(world, before: Self.waits)
            let loop = try await Background.run(world)
            try await eventually("the command runs") { world.read("live/begun") != nil }
            #expect(try await !world.survivors().isEmpty)
            loop.signal(SIGTERM)
            try await eventually("it was heard") { loop.said.contains("ending: at the next step boundary") }
            loop.signal(SIGTERM)
            let ended = await loop.result()
            #expect(ended.status == 0 && ended.output.contains("what runs is killed"), "\(ended)")
            #expect(try await world.survivors().isEmpty, "no child is left")
            #expect(world.acts.isEmpty)
            #expect(try await world.sql("SELECT outcome IS NULL FROM reconciles") == ["1"])
            try go(world)
            let next = await world.pass()
            #expect(next.status == 0, "\(next.output) \(next.errors)")
            #expect(world.acts == ["apply web-1 1"])
            #expect(try await world.sql("SELECT id, outcome FROM reconciles") == ["1|applied"])
        }
    }

    @Test func theServiceManagerIsToldHowFarTheLoopIs() async throws {
        try await World.with { world in
            try await deploy(world)
            let socket = try NotifySocket(world.root + "/notify")
            let variables = ["NOTIFY_SOCKET": world.root + "/notify", "WATCHDOG_USEC": "1000000"]
            #expect(await world.reconcile("status", "--live").status == 1)
            let loop = try await Background.run(world, environment: variables)
            #expect(await world.reconcile("status", "--live").status == 0)
            #expect(socket.next() == "READY=1")
            for _ in 0..<3 { #expect(socket.next() == "WATCHDOG=1") }
            #expect(await loop.end().status == 0)
            var last: String?
            while last != "STOPPING=1", let next = socket.next() { last = next }
            #expect(last == "STOPPING=1")
            #expect(await world.reconcile("status", "--live").status == 1)
        }
    }

    /// Stops the loop's process between two writes to the record: in the middle of one, nobody else could write.
    private func stop(_ loop: Background, _ world: World) async throws {
        let write = Command(
            "sqlite3", [world.state + "/reconcile.sqlite", "PRAGMA busy_timeout = 100; BEGIN IMMEDIATE; ROLLBACK"],
            environment: ["PATH": "/usr/bin:/bin"])
        try await eventually("it stops where the record is free") {
            loop.signal(SIGSTOP)
            // The signal is not the stop: until one thread has taken it, the others run on.
            try await eventually("every thread stands still") { loop.isStopped }
            if await ProcessRunner().run(write).succeeded { return true }
            loop.signal(SIGCONT)
            return false
        }
    }

    /// Waits until a request stands in the record that nobody has answered.
    private func waiting(_ world: World) async throws {
        do {
            try await eventually("the request is written") {
                try await world.sql("SELECT count(*) FROM requests WHERE done_at IS NULL") == ["1"]
            }
        } catch {
            throw TestSupportError(
                "\(error): \(try await world.sql("SELECT * FROM requests")), \(await world.reconcile("status"))")
        }
    }

    @Test(arguments: ["pause", "rollback"])
    func aRequestToALoopThatIsKilledIsAnsweredByTheCommandItself(request: String) async throws {
        try await World.with { world in
            try await deploy(world)
            #expect(await world.pass().status == 0)
            try await world.repository.commit(["staging/web.yaml": world.workload(version: "2")])
            let loop = try await Background.run(world)
            try await world.applied(2)
            try await stop(loop, world)
            async let asked = world.reconcile(request, "staging")
            try await waiting(world)
            loop.signal(SIGKILL)
            let answer = await asked
            #expect(answer.status == 0 && answer.output.contains("staging"), "\(answer.output) \(answer.errors)")
            #expect(world.version("web-1") == (request == "pause" ? "2" : "1"))
            #expect(await world.pass().status == (request == "pause" ? 4 : 3))
            _ = await loop.result()
        }
    }

    @Test(arguments: [true, false])
    func aRequestThatOutlivesEverybodyIsAnsweredBeforeTheNextPass(isLoop: Bool) async throws {
        try await World.with { world in
            try await deploy(world)
            #expect(await world.pass().status == 0)
            let loop = try await Background.run(world)
            try await stop(loop, world)
            let asking = Task { await world.reconcile("pause", "staging", "--reason", "maintenance") }
            try await waiting(world)
            asking.cancel()
            _ = await asking.value
            loop.signal(SIGKILL)
            _ = await loop.result()
            try await world.repository.commit(["staging/web.yaml": world.workload(version: "2")])
            if isLoop {
                let next = try await Background.run(world)
                try await eventually("it has passed") { next.said.contains("paused") }
                await next.end()
            } else {
                let next = await world.pass()
                #expect(try next.status == 4 && next.outcome("staging") == "paused", "\(next.output) \(next.errors)")
            }
            #expect(world.version("web-1") == "1", "nothing is deployed after somebody asked for a pause")
            #expect(await world.reconcile("why", "staging").output.contains("maintenance"))
        }
    }
}
