import DriverKit
import Model
import Processes
import TestSupport
import Testing

@testable import ContainerDriver

/// What an instance's life is like, on a real engine.
@Suite(.fewAtOnce, .enabled(if: DockerEngine.missing == nil, "\(DockerEngine.missing ?? "")"), .timeLimit(.minutes(15)))
struct ContainerActsTests {
    private let web: [String: Value] = ["image": .string(Images.web), "stop_grace": .int(0)]

    @Test(arguments: EngineKind.allCases) func whatExitsAtOnceIsSeenWithItsLastWords(_ kind: EngineKind) async throws {
        try await Bench.with(kind) { bench in
            let target = bench.target(["image": .string(Images.failing)])
            #expect(await bench.driver.apply(target).failure == nil)
            var seen = await bench.observe(target)
            for _ in 1...200 where seen == target.running {
                try await Task.sleep(for: .milliseconds(50))
                seen = await bench.observe(target)
            }
            #expect(seen == .running("exited (7): no configuration was found"))
            let verdict = await bench.driver.health(target)?.verdict
            #expect(verdict == .fail("exited (7): no configuration was found"))
            #expect(await bench.driver.remove(target).failure == nil)
            #expect(await bench.observe(target) == .absent)
        }
    }

    @Test(arguments: EngineKind.allCases) func theImagesOwnHealthCheckIsHeeded(_ kind: EngineKind) async throws {
        try await Bench.with(kind) { bench in
            let well = bench.target(["image": .string(Images.checked)])
            let sick = bench.target(2, ["image": .string(Images.sick)])
            let quiet = bench.target(
                3, ["image": .string(Images.sick), "healthcheck": .map(["disable": .bool(true)])])
            for target in [well, sick, quiet] { #expect(await bench.driver.apply(target).failure == nil) }
            #expect(try await bench.becomes(well) { $0 == .pass } == .pass)
            #expect(await bench.driver.health(quiet)?.verdict == .pass)
            let verdict = try await bench.becomes(sick) { "\($0)".contains("unhealthy") }
            #expect("\(verdict.map { "\($0)" } ?? "")".contains("its health check says unhealthy"))
        }
    }

    @Test func aForeignContainerWithOurNameIsNotTouched() async throws {
        try await Bench.with { bench in
            let target = bench.target(web)
            try await bench.engine.docker("run", "--detach", "--name", bench.name(), Images.web)
            #expect(await bench.observe(target) == .absent)
            let failure = await bench.driver.apply(target).failure
            #expect(failure?.contains("is not ours: rename or remove it") == true, "\(failure ?? "")")
            #expect(await bench.driver.remove(target).failure == nil)
            #expect(await bench.driver.health(target)?.verdict == .fail("there is no container \(bench.name())"))
            let state = try await bench.engine.docker("inspect", "--format", "{{.State.Status}}", bench.name())
            #expect(state == "running\n")
            try await bench.engine.docker("rm", "--force", bench.name())
        }
    }

    @Test func whatTheEngineWarnsOfIsInTheReport() async throws {
        try await Bench.with { bench in
            let target = bench.target(
                web.merging([
                    "network_mode": .string("host"), "ports": .list([.map(["container": .int(8080)])]),
                    "command": .list([.string("sleep"), .string("600")]),
                ]) { $1 })
            let report = await bench.driver.apply(target)
            #expect(report.failure == nil)
            let said = report.commands.first { $0.purpose == "create" }?.output ?? ""
            #expect(said.contains("warning: Published ports are discarded when using host network mode"), "\(report)")
        }
    }

    @Test(arguments: EngineKind.allCases) func whatSomebodyPausedIsTakenAway(_ kind: EngineKind) async throws {
        try await Bench.with(kind) { bench in
            let target = bench.target(web)
            #expect(await bench.driver.apply(target).failure == nil)
            #expect(await bench.observe(target) == target.running)
            try await bench.engine.docker("pause", bench.name())
            #expect(await bench.driver.remove(target).failure == nil)
            #expect(try await bench.engine.containers(of: bench.environment).isEmpty)
        }
    }

    @Test func whatIsStillEndingIsNotTakenForWhatIsWanted() async throws {
        try await Bench.with { bench in
            let script = """
                trap 'echo asked; until [ -e /tmp/go ]; do sleep 0.1; done; exit' TERM
                echo ready
                while :; do sleep 0.1; done
                """
            let target = bench.target([
                "image": .string(Images.web), "stop_signal": .string("SIGTERM"), "stop_grace": .int(60_000),
                "command": .list(["sh", "-c", script].map { .string($0) }),
            ])
            #expect(await bench.driver.apply(target).failure == nil)
            let former = try await bench.engine.docker("inspect", "--format", "{{.Id}}", bench.name())
            // Before it listens, a first process does not heed the signal at all.
            for _ in 1...200 where try await !bench.engine.docker("logs", bench.name()).contains("ready") {
                try await Task.sleep(for: .milliseconds(50))
            }
            let removal = Task { await bench.driver.remove(target) }
            for _ in 1...200 where try await !bench.engine.docker("logs", bench.name()).contains("asked") {
                try await Task.sleep(for: .milliseconds(50))
            }
            removal.cancel()
            #expect(await removal.value.failure?.contains("was cancelled") == true)
            let start = Task { await bench.driver.apply(target) }
            try await Task.sleep(for: .seconds(1))
            try await bench.engine.docker("exec", bench.name(), "touch", "/tmp/go")
            #expect(await start.value.failure == nil)
            #expect(await bench.observe(target) == target.running)
            #expect(try await bench.engine.docker("inspect", "--format", "{{.Id}}", bench.name()) != former)
        }
    }

    @Test func whatIsChangedByHandIsSeenAndMended() async throws {
        try await Bench.with { bench in
            let target = bench.target(web)
            func mended() async throws {
                #expect(await bench.driver.apply(target).failure == nil)
                #expect(await bench.observe(target) == target.running)
                #expect(try await bench.engine.containers(of: bench.environment) == [bench.name()])
            }
            try await mended()
            try await bench.engine.docker("rm", "--force", bench.name())
            #expect(await bench.observe(target) == .absent)
            try await mended()
            try await bench.engine.docker("kill", bench.name())
            #expect(await bench.observe(target) != target.running)
            try await mended()
            try await bench.engine.docker("pause", bench.name())
            #expect(await bench.observe(target) == .running("paused"))
            try await mended()
            // Another name makes it no less ours.
            try await bench.engine.docker("rename", bench.name(), bench.name() + ".old")
            #expect(await bench.driver.apply(target).failure == nil)
            let both = await bench.observe(target)
            #expect(both != target.running && both != .absent)
            try await mended()
            // A crash between making and starting leaves this.
            let made = bench.target(2, web)
            try await bench.engine.docker(
                "create", "--name", bench.name(2), "--label", "reconcile.environment=\(bench.environment)", "--label",
                "reconcile.workload=web", "--label", "reconcile.instance=web-2", "--label",
                "reconcile.digest=\(made.deployable.digest.hex)", Images.web)
            #expect(await bench.observe(made) == .running("created"))
            #expect(await bench.driver.apply(made).failure == nil)
            #expect(await bench.observe(made) == made.running)
        }
    }

    @Test func portsArePublishedAndTheirAddressIsKnown() async throws {
        try await Bench.with { bench in
            let port = try TestServer.freePort()
            let free = bench.target(web.merging(["ports": .list([.map(["container": .int(8080)])])]) { $1 })
            let fixed = bench.target(
                2, web.merging(["ports": .list([.map(["container": .int(8080), "host": .int(port)])])]) { $1 })
            let inside = bench.target(3, web)
            let host = bench.target(
                4,
                web.merging([
                    "network_mode": .string("host"),
                    "command": .list([.string("sleep"), .string("600")]),
                ]) { $1 })
            for target in [free, fixed, inside, host] { #expect(await bench.driver.apply(target).failure == nil) }
            for target in [free, fixed, inside] {
                let address = try #require(try await bench.driver.address(of: nil, target))
                let page = try await TestTool.run("/bin/busybox", ["wget", "-q", "-O-", "http://\(address)/"], in: "/")
                #expect(page == "1\n")
            }
            #expect(try await bench.driver.address(of: 8080, fixed) == "127.0.0.1:\(port)")
            #expect(try await bench.driver.address(of: 9000, host) == "127.0.0.1:9000")
            #expect(try await bench.driver.address(of: 8080, bench.target(9, web)) == nil)
            // The port is taken: it says so, and leaves nothing.
            let late = bench.target(5, fixed.deployable.block.map)
            let failure = await bench.driver.apply(late).failure ?? ""
            #expect(
                failure.contains("port is already allocated") || failure.contains("address already in use"),
                "\(failure)")
            #expect(await bench.observe(late) == .absent)
        }
    }

    @Test func secretsReachTheContainerAndNobodyElse() async throws {
        try await Bench.with { bench in
            try await TemporaryFolder.with { folder in
                let value = #"quo"te \ tab\#tend"#
                try await TestTool.run("/bin/sh", ["-c", #"printf %s "$1" >key"#, "key", value], in: folder)
                let target = bench.target([
                    "image": .string(Images.web), "stop_grace": .int(0),
                    "env": .map(["KEY": .secret(.file(folder + "/key"))]),
                    "command": .list([.string("sh"), .string("-c"), .string(#"echo "is $KEY"; exit 1"#)]),
                ])
                var said = "\(await bench.driver.apply(target))"
                try await bench.engine.docker("wait", bench.name())
                let seen = await bench.observe(target)
                said += "\(seen) \(String(describing: await bench.driver.health(target)))"
                #expect(seen == .running("exited (1): is (secret)"))
                #expect(!said.contains("quo"))
                let logs = try await bench.engine.docker("logs", bench.name())
                #expect(logs == "is \(value)\n")
            }
        }
    }

    @Test func itIsWatched() async throws {
        try await Bench.with { bench in
            let target = bench.target(web)
            let other = bench.target(2, web)
            #expect(await bench.driver.apply(target).failure == nil)
            #expect(await bench.driver.apply(other).failure == nil)
            let (changes, promise) = AsyncStream<String>.makeStream()
            let watching = Task { await bench.driver.watch { promise.yield($0) } }
            defer { watching.cancel() }
            // Our own acts are no news; what is done by hand is.
            try await Task.sleep(for: .milliseconds(500))
            #expect(await bench.driver.remove(other).failure == nil)
            try await bench.engine.docker("kill", bench.name())
            // One for the kill and one for the death; other tests make news, too.
            var heard = 0
            for await environment in changes where environment == bench.environment {
                heard += 1
                if heard == 2 { break }
            }
            #expect(await bench.observe(target) != target.running)
            watching.cancel()
            await watching.value
        }
    }

    @Test func vitalsCountRestarts() async throws {
        try await Bench.with { bench in
            let target = bench.target([
                "image": .string(Images.failing), "restart": .string("on-failure"), "max_retries": .int(2),
            ])
            #expect(await bench.driver.apply(target).failure == nil)
            var vitals = await bench.driver.vitals(target)
            for _ in 1...300 where (vitals?.restarts ?? 0) < 2 || vitals?.isRunning == true {
                try await Task.sleep(for: .milliseconds(100))
                vitals = await bench.driver.vitals(target)
            }
            #expect(vitals?.restarts == 2)
            #expect(vitals?.isRunning == false)
            #expect(await bench.driver.vitals(bench.target(9, web)) == nil)
        }
    }

    @Test func filesOfTheSourceAreMountedReadOnly() async throws {
        try await Bench.with { bench in
            try await TemporaryFolder.with { folder in
                try await TestTool.run("/bin/sh", ["-c", "mkdir site; echo hello >site/index.html"], in: folder)
                let target = bench.target(
                    [
                        "image": .string(Images.web), "stop_grace": .int(0), "files": .list([.string("site")]),
                        "files_at": .string("/data"),
                        "command": .list([
                            .string("sh"), .string("-c"),
                            .string("cat /data/site/index.html; touch /data/site/x || sleep 600"),
                        ]),
                    ], folder: folder)
                #expect(await bench.driver.apply(target).failure == nil)
                #expect(await bench.observe(target) == target.running)
                #expect(
                    try await eventually { try await bench.engine.docker("logs", bench.name()).hasPrefix("hello\n") })
            }
        }
    }
}
