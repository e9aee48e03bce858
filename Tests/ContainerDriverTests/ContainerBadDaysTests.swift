import DriverKit
import FoundationEssentials
import Model
import Processes
import TestSupport
import Testing

@testable import ContainerDriver

/// Engines that stop, hang, fail, are full or are none: nothing is claimed that was not seen, and nothing waits for ever.
@Suite(.fewAtOnce, .enabled(if: DockerEngine.missing == nil, "\(DockerEngine.missing ?? "")"), .timeLimit(.minutes(15)))
struct ContainerBadDaysTests {
    private let web: [String: Value] = ["image": .string(Images.web), "stop_grace": .int(0)]

    private var hasty: [String: Value] { web.merging(["timeout": .int(1000)]) { $1 } }

    private func everythingFails(
        _ bench: Bench, _ words: String, _ target: InstanceTarget
    ) async {
        guard case .unknown(let reason) = await bench.observe(target) else {
            Issue.record("it is not unknown")
            return
        }
        #expect(reason.contains(words), "\(reason)")
        for report in [await bench.driver.apply(target), await bench.driver.remove(target)] {
            #expect(report.failure?.contains(words) == true, "\(report.failure ?? "done")")
        }
        guard case .fail(let failure)? = await bench.driver.health(target)?.verdict else {
            Issue.record("it is healthy")
            return
        }
        #expect(failure.contains(words), "\(failure)")
        #expect(await bench.driver.vitals(target) == nil)
        await #expect(throws: DriverFailure.self) { _ = try await bench.driver.address(of: 80, target) }
        await #expect(throws: DriverFailure.self) { _ = try await bench.driver.pin(target.deployable) { _ in } }
    }

    @Test func anEngineThatIsNotThere() async throws {
        try await Bench.with(address: "unix:///nowhere/engine.sock") { bench in
            await everythingFails(bench, "no engine can be reached at unix:///nowhere/engine.sock", bench.target(web))
        }
    }

    @Test func aServerThatIsNoEngine() async throws {
        try await HostileServer.run(.closing) { server in
            try await Bench.with(address: "tcp://127.0.0.1:\(server.port)") { bench in
                await everythingFails(bench, "no engine can be reached", bench.target(web))
            }
        }
        try await HostileServer.run(.answering(Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi".utf8))) {
            server in
            try await Bench.with(address: "tcp://127.0.0.1:\(server.port)") { bench in
                await everythingFails(bench, "answered what cannot be read", bench.target(web))
            }
        }
        let old = #"{"ApiVersion": "1.30", "MinAPIVersion": "1.12"}"#
        try await HostileServer.run(
            .answering(Array("HTTP/1.1 200 OK\r\nContent-Length: \(old.utf8.count)\r\n\r\n\(old)".utf8))
        ) { server in
            try await Bench.with(address: "tcp://127.0.0.1:\(server.port)") { bench in
                await everythingFails(bench, "it speaks version 1.30 of the API, and 1.41 is needed", bench.target(web))
            }
        }
    }

    @Test func anEngineThatHangs() async throws {
        try await HostileServer.run(.silent) { server in
            try await Bench.with(address: "tcp://127.0.0.1:\(server.port)") { bench in
                await everythingFails(bench, "did not answer within 1s", bench.target(hasty))
            }
        }
    }

    /// The version, the head and the body of an answer: all of it has one deadline.
    @Test func anEngineThatIsSlowAtEverythingIsGivenOneDeadline() async throws {
        let engine = try await DockerEngine.shared()
        try await EngineProxy.run(to: engine.socket) { proxy in
            try await Bench.with(engine, address: proxy.address) { bench in
                proxy.manner = .slow(700)
                let start = Monotonic.now
                guard case .unknown(let reason) = await bench.observe(bench.target(hasty)) else {
                    Issue.record("it is not unknown")
                    return
                }
                #expect(Monotonic.now - start < 5000, "\(reason)")
                #expect(reason.contains("did not answer within 1s"), "\(reason)")
                proxy.manner = .passing
            }
        }
    }

    @Test func anEngineThatFailsAndRecovers() async throws {
        let engine = try await DockerEngine.shared()
        try await EngineProxy.run(to: engine.socket) { proxy in
            try await Bench.with(engine, address: proxy.address) { bench in
                let target = bench.target(web)
                #expect(await bench.driver.apply(target).failure == nil)
                proxy.manner = .failing
                await everythingFails(bench, "answered 500: all is lost", target)
                proxy.manner = .hanging
                #expect(await bench.observe(bench.target(hasty)).isUnknown)
                proxy.manner = .passing
                #expect(await bench.observe(target) == target.running)
                #expect(await bench.driver.remove(target).failure == nil)
            }
        }
    }

    @Test func whatHappenedWhileNobodyListenedIsTold() async throws {
        let engine = try await DockerEngine.shared()
        try await EngineProxy.run(to: engine.socket) { proxy in
            try await Bench.with(engine, address: proxy.address) { bench in
                let target = bench.target(web)
                #expect(await bench.driver.apply(target).failure == nil)
                #expect(await bench.observe(target) == target.running)
                let (changes, promise) = AsyncStream<String>.makeStream()
                let watching = Task { await bench.driver.watch { promise.yield($0) } }
                defer { watching.cancel() }
                try await Task.sleep(for: .milliseconds(500))
                proxy.manner = .failing
                proxy.cut()
                try await bench.engine.docker("kill", bench.name())
                proxy.manner = .passing
                for await environment in changes where environment == bench.environment { break }
                #expect(await bench.observe(target) != target.running)
            }
        }
    }

    @Test(arguments: EngineKind.allCases) func anImageThatDoesNotExist(_ kind: EngineKind) async throws {
        try await Bench.with(kind) { bench in
            let never = bench.target(["image": .string("127.0.0.1:1/none:1"), "pull": .string("never")])
            let failure = await bench.driver.apply(never).failure ?? ""
            #expect(failure.contains("is not at \(bench.engine.address), and `pull: never` is set"), "\(failure)")
            await #expect(throws: DriverFailure.self) { _ = try await bench.driver.pin(never.deployable) { _ in } }
            let missing = bench.target(["image": .string("127.0.0.1:1/none:1")])
            #expect(await bench.driver.apply(missing).failure?.contains("127.0.0.1:1") == true)
            await #expect(throws: DriverFailure.self) { _ = try await bench.driver.pin(missing.deployable) { _ in } }
            #expect(await bench.observe(missing) == .absent)
        }
    }

    @Test func whatCannotStartLeavesNothing() async throws {
        try await Bench.with { bench in
            let target = bench.target(web.merging(["command": .list([.string("/no/such/program")])]) { $1 })
            let failure = await bench.driver.apply(target).failure ?? ""
            #expect(failure.contains("/no/such/program"), "\(failure)")
            #expect(await bench.observe(target) == .absent)
            let net = bench.target(2, web.merging(["networks": .list([.string("no-such-network")])]) { $1 })
            #expect(await bench.driver.apply(net).failure?.contains("no-such-network") == true)
            #expect(await bench.observe(net) == .absent)
        }
    }

    @Test func anEngineThatStopsIsUnknownAndComesBack() async throws {
        try await DockerEngine.own { engine in
            try await Bench.with(engine) { bench in
                let target = bench.target(web)
                #expect(await bench.driver.apply(target).failure == nil)
                try await engine.stop()
                await everythingFails(bench, "no engine can be reached", target)
                try await engine.resume()
                #expect(await bench.driver.apply(target).failure == nil)
                #expect(await bench.observe(target) == target.running)
            }
        }
    }

    @Test func anEngineWithoutDisk() async throws {
        try await DockerEngine.own(disk: "48m") { engine in
            try await Bench.with(engine) { bench in
                try await engine.fillDisk()
                let target = bench.target(web)
                let failure = await bench.driver.apply(target).failure ?? ""
                #expect(failure.contains("no disk space left"), "\(failure)")
                try await engine.freeDisk()
                #expect(await bench.driver.apply(target).failure == nil)
                #expect(await bench.observe(target) == target.running)
            }
        }
    }
}
