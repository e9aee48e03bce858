import Checks
import Model
import Processes
import TestSupport
import Testing

/// The real server, which scrapes a small one of ours.
@Suite struct RealPrometheusTests {
    private static let program = TestTool.path(of: "prometheus")

    @Test(.enabled(if: program != nil, "needs the program prometheus (Debian: prometheus)"))
    func queriesAreAnswered() async throws {
        let program = try #require(Self.program)
        try await TemporaryFolder.with { folder in
            try await WebServer.run({ _, _ in
                .init(200, "errors{server=\"web-5\",side=\"canary\"} 3\nerrors{server=\"web-1\",side=\"baseline\"} 1\n")
            }) { metrics in
                let port = try TestServer.freePort()
                let configuration = """
                    scrape_configs:
                      - {job_name: web, scrape_interval: 1s, scrape_timeout: 1s, static_configs: [{targets: ["\(metrics.address)"]}]}
                    """
                try await TestTool.run("sh", ["-c", "printf %s \"$1\" >p.yml", "-", configuration], in: folder)
                let command = Command(
                    program,
                    [
                        "--config.file=\(folder)/p.yml", "--storage.tsdb.path=\(folder)/data",
                        "--web.listen-address=127.0.0.1:\(port)",
                    ], environment: ["PATH": "/usr/bin:/bin"], workingDirectory: folder, timeout: .seconds(300))
                try await TestServer.run(command, port: port) { try await ask("http://127.0.0.1:\(port)") }
            }
        }
    }

    private func ask(_ url: String) async throws {
        let checker = Checker(runner: ProcessRunner(), slots: Slots(1), baseEnvironment: [:])
        func measure(_ query: String, _ side: MonitorSubject.Side = .canary) async throws -> Reading {
            let probe = PrometheusProbe(url: .plain(url), query: try QueryTemplate(query))
            let monitor = Monitor(name: "m", probe: .prometheus(probe), timeout: .seconds(60))
            return await checker.measure(
                monitor,
                of: MonitorSubject(
                    side: side, environment: "staging", workload: "web",
                    instances: [side == .canary ? "web-5" : "web-1"]))
        }
        func reason(_ query: String) async throws -> String {
            if case .none(let reason) = try await measure(query) { return reason }
            return "a number"
        }
        let deadline = ContinuousClock.now + .seconds(120)
        while try await measure("count(errors)") != .number(2) {
            try #require(ContinuousClock.now < deadline, "nothing was scraped")
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(try await measure(#"errors{side="{{side}}"}"#) == .number(3))
        #expect(try await measure(#"errors{side="{{side}}"}"#, .baseline) == .number(1))
        #expect(try await measure(#"sum(errors{server=~"{{instances}}"})"#, .baseline) == .number(1))
        #expect(try await measure("scalar(sum(errors)) / 8") == .number(0.5))
        #expect(try await reason("errors").hasSuffix("the query gave 2 series; make them one, as with sum(…)"))
        #expect(try await reason("nothing").hasSuffix("the query gave nothing"))
        #expect(try await reason("vector(0) / 0").hasSuffix("NaN, as where nothing was divided by nothing"))
        #expect(try await reason("sum(").contains("answered 400: "))
        #expect(try await reason("errors[1m]").hasSuffix("the query gave a matrix; it must give one number"))
        await checker.close()
    }
}
