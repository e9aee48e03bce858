import Checks
import DriverKit
import Model
import Processes
import Synchronization
import TestSupport
import Testing

@testable import Engine

/// Watches over real servers; the driver only says where they are and how they fare.
@Suite struct MonitorRunnerTests {
    /// Knows instances by name: `host:port` of each, and what is to be said of how it fares.
    private final class Places: Driver {
        let description = DriverDescription(name: "places", block: [], placement: .sideBySide)
        let addresses: [String: String]
        private let vitals: Mutex<Vitals>
        private let verdicts: Mutex<[Verdict]>
        /// What is seen where there is nothing else to ask.
        private let seen = Mutex<Observation?>(nil)

        init(_ addresses: [String: String], vitals: Vitals = Vitals(isRunning: true, restarts: 0, outOfMemory: 0)) {
            self.addresses = addresses
            self.vitals = Mutex(vitals)
            verdicts = Mutex([])
        }

        func set(_ value: Vitals) { vitals.withLock { $0 = value } }
        /// It knows nothing but what it sees.
        func see(_ observation: Observation) { seen.withLock { $0 = observation } }
        /// The next answers; after them all is well.
        func say(_ next: [Verdict]) { verdicts.withLock { $0 = next } }

        func runs(block: Value, files: [SourceFile]) -> Value { block }
        func observe(_ targets: [InstanceTarget]) async -> [Observation] {
            targets.map { _ in seen.withLock { $0 } ?? .absent }
        }
        func apply(_ target: InstanceTarget) async -> ActReport { ActReport(failure: nil, commands: []) }
        func remove(_ target: InstanceTarget) async -> ActReport { ActReport(failure: nil, commands: []) }
        func asksHealth(block: Value) -> Bool { true }
        func address(of port: Int?, _ target: InstanceTarget) async -> String? { addresses[target.instance] }
        func vitals(_ target: InstanceTarget) async -> Vitals? {
            seen.withLock { $0 } == nil ? vitals.withLock { $0 } : nil
        }
        func health(_ target: InstanceTarget) async -> HealthReport? {
            if seen.withLock({ $0 }) != nil { return nil }
            return HealthReport(verdict: verdicts.withLock { $0.isEmpty ? .pass : $0.removeFirst() }, commands: [])
        }
    }

    private final class Log: Sendable {
        let all = Mutex<[Measurement]>([])
        let commits = Mutex(0)
    }

    private func run(
        _ monitors: [Monitor], span: TimeSpan, _ places: Places, canary: [String] = ["web-2"], baseline: [String] = [],
        since: Timestamp = WallClock.now(), recorded: [Measurement] = [], log: Log = Log()
    ) async -> MonitorRunner.Ending {
        let checker = Checker(runner: ProcessRunner(), slots: Slots(4), baseEnvironment: ["PATH": "/usr/bin:/bin"])
        let digest = Digest(ofText: "v")
        let health = Check(.command(.plain("true")), interval: TimeSpan(milliseconds: 100))
        func member(_ name: String) -> MonitorRunner.Member {
            MonitorRunner.Member(
                driver: places,
                target: InstanceTarget(
                    environment: "staging", workload: "web", instance: name, index: 1, commit: "c",
                    deployable: Deployable(driver: "places", block: .null, files: [], digest: digest, health: health),
                    folder: "/"))
        }
        func route(_ name: String) -> Routing.Member { .init(instance: name, index: 1, deployable: digest) }
        let runner = MonitorRunner(
            checker: checker,
            watch: Watch(
                monitors: monitors, span: span, canary: canary.map(route), baseline: baseline.map(route)),
            canary: canary.map(member), baseline: baseline.map(member), since: since, recorded: recorded,
            record: { measurements in
                log.all.withLock { $0 += measurements }
                log.commits.withLock { $0 += 1 }
                return true
            }, health: { await $0.health($1) }, tell: { _ in })
        let ending = await runner.run()
        await checker.close()
        return ending
    }

    private func http(
        _ name: String = "errors", figure: HTTPProbe.Figure = .failed, max: Double? = 0,
        baseline: BaselineLimits? = nil,
        failures: Int? = nil, consecutive: Int? = nil, count: Int? = nil, delay: TimeSpan = .zero
    ) -> Monitor {
        Monitor(
            name: name, probe: .http(HTTPProbe(address: .instances(path: "/", port: nil), figure: figure)),
            limits: NumberLimits(max: max), baseline: baseline, interval: TimeSpan(milliseconds: 100), count: count,
            failures: failures, consecutive: consecutive, initialDelay: delay, timeout: .seconds(30))
    }

    private let long = TimeSpan.seconds(600)

    @Test func whatStaysInOrderPassesAtTheEnd() async throws {
        try await WebServer.run({ _, _ in .init() }) { server in
            let log = Log()
            let began = WallClock.now()
            let ending = await run(
                [http(), http("counted", count: 2)], span: .seconds(1), Places(["web-2": server.address]), log: log)
            #expect(ending == .passed("errors 0, counted 0"))
            #expect(WallClock.now() - began >= .seconds(1))
            let all = log.all.withLock { $0 }
            #expect(all.allSatisfy { $0.verdict == .pass && $0.value == 0 && $0.baseline == nil })
            #expect(all.contains { $0.monitor == "errors" })
            #expect(all.count { $0.monitor == "counted" } == 2)
        }
    }

    @Test func theFirstFailureEndsIt() async throws {
        try await WebServer.run({ _, number in .init(number < 3 ? 200 : 500) }) { server in
            let log = Log()
            let ending = await run([http()], span: long, Places(["web-2": server.address]), log: log)
            guard case .failed(let reason) = ending else {
                Issue.record("\(ending)")
                return
            }
            #expect(reason.hasPrefix("monitor errors: web-2: 1, allowed is at most 0: "))
            // One failing request, and none after it; all of them are recorded.
            #expect(server.requests.count == 4)
            #expect(log.all.withLock { $0.map { $0.verdict == .pass } } == [true, true, true, false])
        }
    }

    @Test func aRowOfFailuresIsBrokenByAPass() async throws {
        try await WebServer.run({ _, number in .init(number % 3 == 2 ? 200 : 500) }) { server in
            let ending = await run([http(consecutive: 3)], span: .seconds(1), Places(["web-2": server.address]))
            #expect(ending == .passed("errors 0"))
        }
        try await WebServer.run({ _, _ in .init(500) }) { server in
            let ending = await run([http(consecutive: 3)], span: long, Places(["web-2": server.address]))
            #expect("\(ending)".contains("3 failed measurements in a row"))
            #expect(server.requests.count == 3)
        }
    }

    @Test func bothSidesAreMeasuredAndCompared() async throws {
        try await WebServer.run({ _, _ in .init(200, "3") }) { new in
            try await WebServer.run({ _, _ in .init(200, "2") }) { old in
                let path = try #require(JSONPath("$"))
                let places = Places(["web-1": old.address, "web-2": new.address])
                func ending(_ ratio: Double, _ log: Log = Log()) async -> MonitorRunner.Ending {
                    await run(
                        [http("load", figure: .json(path), max: nil, baseline: BaselineLimits(maxRatio: ratio))],
                        span: TimeSpan(milliseconds: 300), places, baseline: ["web-1"], log: log)
                }
                let log = Log()
                #expect(await ending(1.5, log) == .passed("load 3 beside 2"))
                #expect(log.all.withLock { $0.allSatisfy { $0.value == 3 && $0.baseline == 2 } })
                #expect(
                    await ending(1.4)
                        == .failed("monitor load: 3 beside the baseline's 2, allowed is at most 1.4 times the baseline")
                )
            }
        }
    }

    @Test func withoutAnOldSideThereIsNothingToCompare() async throws {
        try await WebServer.run({ _, _ in .init(200, "3") }) { server in
            let monitor = http("load", max: nil, baseline: BaselineLimits(maxRatio: 1))
            let ending = await run(
                [monitor], span: TimeSpan(milliseconds: 200), Places(["web-2": server.address]))
            #expect(ending == .passed("load not asked, as there is nothing to compare with"))
            #expect(server.requests.isEmpty)
        }
    }

    /// A provider that is down neither fails nor passes.
    @Test func withoutDataItWaits() async throws {
        try await TestServer.withRefusingPort { port in
            let down = Monitor(
                name: "errors",
                probe: .prometheus(
                    PrometheusProbe(url: .plain("http://127.0.0.1:\(port)"), query: try QueryTemplate("up"))),
                limits: NumberLimits(max: 0), interval: TimeSpan(milliseconds: 50))
            let log = Log()
            let ending = await run([down], span: TimeSpan(milliseconds: 100), Places([:]), log: log)
            guard case .waiting(let reason) = ending else {
                Issue.record("\(ending)")
                return
            }
            #expect(reason.hasPrefix("monitor errors: http://127.0.0.1:\(port): connection refused (no data in "))
            // What is gone on with asks first, and does not wait for ever.
            let recorded = log.all.withLock { $0 }
            let again = Log()
            let next = await run(
                [down], span: TimeSpan(milliseconds: 100), Places([:]), since: WallClock.now() + .seconds(-60),
                recorded: recorded, log: again)
            #expect(again.all.withLock { $0.count } == 1)
            if case .waiting = next {} else { Issue.record("\(next)") }
        }
    }

    @Test func earlierTimeAndMeasurementsCount() async throws {
        try await WebServer.run({ _, _ in .init(500) }) { server in
            let old = Measurement(monitor: "errors", at: WallClock.now(), value: 1, verdict: .fail("it was bad"))
            let ending = await run(
                [http(failures: 2)], span: long, Places(["web-2": server.address]), recorded: [old])
            #expect("\(ending)".contains("2 failed measurements of 2"))
            #expect(server.requests.count == 1)
        }
        try await WebServer.run({ _, _ in .init(200) }) { server in
            // The time is over, but what an earlier process saw may be long ago: it is asked once more.
            let old = Measurement(monitor: "errors", at: WallClock.now(), value: 0, verdict: .pass)
            let ending = await run(
                [http()], span: .seconds(60), Places(["web-2": server.address]), since: WallClock.now() + .seconds(-90),
                recorded: [old])
            #expect(ending == .passed("errors 0"))
            #expect(server.requests.count >= 1)
        }
    }

    @Test func itIsNotAskedAtFirst() async throws {
        try await WebServer.run({ _, _ in .init(500) }) { server in
            let ending = await run(
                [http(delay: .seconds(1))], span: long, Places(["web-2": server.address]),
                since: WallClock.now() + TimeSpan(milliseconds: -600))
            #expect("\(ending)".contains("answered 500"))
            #expect(server.requests.count == 1)
        }
    }

    @Test func aContainerThatDiesEndsItAtOnce() async throws {
        let places = Places([:])
        async let ending = run([], span: long, places)
        try await Task.sleep(for: .milliseconds(200))
        places.set(Vitals(isRunning: false, restarts: 0, outOfMemory: 1))
        #expect(await ending == .failed("web-2 does not run any more"))
    }

    /// Where a driver counts nothing and no check is given, it is looked at.
    @Test func whatIsOnlySeenCountsToo() async throws {
        let places = Places([:])
        let digest = Digest(ofText: "v")
        places.see(.running(digest.hex))
        #expect(await run([], span: TimeSpan(milliseconds: 400), places) == .passed("healthy"))
        for gone in [Observation.absent, .running("another")] {
            places.see(gone)
            #expect(await run([], span: long, places) == .failed("web-2 does not run any more"))
        }
        places.see(.unknown("no engine"))
        #expect(
            await run([], span: TimeSpan(milliseconds: 400), places)
                == .waiting("web-2 cannot be asked for its health: no engine"))
    }

    @Test func healthIsAskedAllTheTime() async throws {
        let places = Places([:])
        places.say([.pass, .fail("blip"), .pass, .fail("no answer"), .fail("no answer")])
        #expect(await run([], span: long, places) == .failed("web-2 is not healthy any more: no answer"))
        places.say([.fail("blip")])
        #expect(await run([], span: TimeSpan(milliseconds: 400), places) == .passed("healthy"))
        places.say(Array(repeating: .inconclusive("no engine"), count: 1000))
        #expect(
            await run([], span: TimeSpan(milliseconds: 400), places)
                == .waiting("web-2 cannot be asked for its health: no engine"))
    }

    @Test func whatTheEngineCountsIsMeasured() async throws {
        let monitor = Monitor(
            name: "restarts", probe: .container(.restarts), limits: NumberLimits(max: 1),
            interval: TimeSpan(milliseconds: 50))
        let places = Places([:], vitals: Vitals(isRunning: true, restarts: 1, outOfMemory: 0))
        #expect(await run([monitor], span: TimeSpan(milliseconds: 200), places) == .passed("restarts 1"))
        places.set(Vitals(isRunning: true, restarts: 2, outOfMemory: 0))
        #expect(
            await run([monitor], span: long, places)
                == .failed("monitor restarts: web-2: 2, allowed is at most 1"))
    }

    @Test func manyMonitorsShareTheirCommits() async throws {
        let log = Log()
        let monitors = (0..<200).map { number in
            Monitor(
                name: "m\(number)", probe: .container(.restarts), limits: NumberLimits(max: 0), interval: .seconds(100))
        }
        #expect("\(await run(monitors, span: .seconds(1), Places([:]), log: log))".contains("passed"))
        #expect(log.all.withLock { $0.count } == 200)
        #expect(log.commits.withLock { $0 } <= 100)
    }

    @Test func itHeedsCancellation() async throws {
        let task = Task { await run([], span: long, Places([:])) }
        try await Task.sleep(for: .milliseconds(200))
        task.cancel()
        #expect(await task.value == .cut)
    }
}
