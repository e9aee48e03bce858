import Checks
import Model
import Processes
import TestSupport
import Testing

@Suite struct MonitorTests {
    private func measure(
        _ probe: Monitor.Probe, at address: String? = nil, timeout: TimeSpan = .seconds(60),
        interval: TimeSpan = .seconds(60), folder: String? = nil
    ) async -> Reading {
        let checker = Checker(runner: ProcessRunner(), slots: Slots(4), baseEnvironment: ["PATH": "/usr/bin:/bin"])
        let monitor = Monitor(name: "m", probe: probe, interval: interval, timeout: timeout)
        let subject = MonitorSubject(
            side: .canary, environment: "staging", workload: "web", instance: "web-5", address: address,
            instances: ["web-5", "web-6"], addresses: ["127.0.0.1:1", "127.0.0.1:2"],
            variables: ["RECONCILE_INSTANCE": "web-5"], folder: folder)
        let reading = await checker.measure(monitor, of: subject)
        await checker.close()
        return reading
    }

    private func http(
        _ figure: HTTPProbe.Figure = .failed, requests: Int = 1, expect: Int? = nil,
        headers: RequestHeaders = RequestHeaders()
    ) -> Monitor.Probe {
        .http(
            HTTPProbe(
                address: .instances(path: "/health?x=1", port: nil), figure: figure, expect: expect, requests: requests,
                headers: headers))
    }

    private func number(_ reading: Reading) -> Double? {
        if case .number(let number, _) = reading { return number }
        return nil
    }

    private func reason(_ reading: Reading) -> String {
        if case .none(let reason) = reading { return reason }
        return "\(reading)"
    }

    // MARK: - http

    @Test func theShareOfBadAnswersIsMeasured() async throws {
        try await WebServer.run({ _, number in .init(number % 4 == 0 ? 500 : 200) }) { server in
            let reading = await measure(http(requests: 8), at: server.address)
            #expect(
                reading
                    == .number(0.25, note: "http://\(server.address)/health?x=1 answered 500, expected 200 to 399"))
            #expect(server.requests.count == 8)
            #expect(server.requests.allSatisfy { $0.hasPrefix("GET /health?x=1 HTTP/1.1\r\n") })
            #expect(number(await measure(http(expect: 204), at: server.address)) == 1)
        }
    }

    /// What does not answer has failed: here it is the instance itself that is measured.
    @Test func anInstanceThatIsAwayHasFailed() async throws {
        try await TestServer.withRefusingPort { port in
            let reading = await measure(http(requests: 100), at: "127.0.0.1:\(port)")
            #expect(reading == .number(1, note: "http://127.0.0.1:\(port)/health?x=1: connection refused"))
            let slow = await measure(http(.latency(percentile: 50), requests: 100), at: "127.0.0.1:\(port)")
            #expect(reason(slow).contains("connection refused"))
        }
        #expect(reason(await measure(http())) == "the driver gives no address for web-5: use `url`, the whole address")
    }

    @Test func latencyIsAPercentile() async throws {
        try await WebServer.run({ _, number in .init(delay: number < 2 ? 400 : 0) }) { server in
            let slow = await measure(http(.latency(percentile: 95), requests: 10), at: server.address)
            #expect((number(slow) ?? 0) >= 400)
        }
        try await WebServer.run({ _, number in .init(delay: number < 2 ? 4000 : 0) }) { server in
            let most = await measure(http(.latency(percentile: 80), requests: 10), at: server.address)
            #expect((number(most) ?? 9999) < 4000)
        }
    }

    /// A request without an answer took as long as it may.
    @Test func hangingRequestsAreSlowOnes() async throws {
        try await WebServer.run({ _, number in .init(delay: number == 0 ? 0 : 5000) }) { server in
            let timeout = TimeSpan(milliseconds: 700)
            let reading = await measure(
                http(.latency(percentile: 100), requests: 50), at: server.address, timeout: timeout)
            #expect((number(reading) ?? 0) >= 700)
            // After three it is known.
            #expect(server.requests.count <= 4)
        }
    }

    @Test func noRequestIsMadeAfterTheInterval() async throws {
        try await WebServer.run({ _, _ in .init(delay: 300) }) { server in
            let reading = await measure(
                http(requests: 1000), at: server.address, interval: TimeSpan(milliseconds: 500))
            #expect(number(reading) == 0)
            #expect(server.requests.count < 20)
        }
    }

    @Test(arguments: [
        (#"{"queues": [{"length": 3}, {"length": 12.5}]}"#, "queues[1].length", 12.5), (#"7"#, "$", 7),
        (#"{"a": {"b c": "0.25"}}"#, "$.a.b c", 0.25), (#"[[1, 2], [3]]"#, "[0][1]", 2),
    ])
    func jsonIsRead(_ body: String, _ path: String, _ expected: Double) async throws {
        try await WebServer.run({ _, _ in .init(200, body) }) { server in
            let path = try #require(JSONPath(path))
            #expect(number(await measure(http(.json(path)), at: server.address)) == expected)
        }
    }

    @Test(arguments: [
        (200, #"{"a": null}"#), (200, #"{"a": true}"#), (200, #"{"b": 1}"#), (200, #"{"a": "many"}"#), (200, "[1]"),
        (200, ""), (200, "<html>"), (200, #"{"a": 1e999}"#), (500, #"{"a": 1}"#),
        (200, String(repeating: "[", count: 100_000)),
        (200, #"{"a": 1, "x": ""# + String(repeating: "x", count: 300_000) + #""}"#),
    ])
    func whatIsNoNumberIsNoData(_ status: Int, _ body: String) async throws {
        try await WebServer.run({ _, _ in .init(status, body) }) { server in
            let path = try #require(JSONPath("a"))
            let reading = await measure(http(.json(path)), at: server.address)
            #expect(number(reading) == nil)
            #expect(reason(reading).contains(server.address))
        }
    }

    @Test func secretsGoAlongAndNowhereElse() async throws {
        try await TemporaryFolder.with { folder in
            try await TestTool.run(
                "sh", ["-c", "printf 'tok-5f3a' >token; printf 'a\\r\\nX-Evil: 1' >evil"], in: folder)
            try await WebServer.run({ _, _ in .init(200, #"{"error": "no tok-5f3a here", "status": "error"}"#) }) {
                server in
                let headers = RequestHeaders(
                    values: ["X-Tenant": .plain("blue")], bearer: .secret(.file(folder + "/token")))
                #expect(number(await measure(http(headers: headers), at: server.address)) == 0)
                #expect(server.requests[0].contains("Authorization: Bearer tok-5f3a\r\n"))
                #expect(server.requests[0].contains("X-Tenant: blue\r\n"))
                let query = try QueryTemplate("up")
                let prometheus = Monitor.Probe.prometheus(
                    PrometheusProbe(url: .plain("http://\(server.address)"), query: query, headers: headers))
                let said = reason(await measure(prometheus))
                #expect(said.contains("no (secret) here") && !said.contains("tok-5f3a"))
                let evil = RequestHeaders(bearer: .secret(.file(folder + "/evil")))
                let count = server.requests.count
                #expect(number(await measure(http(headers: evil), at: server.address)) == 1)
                #expect(server.requests.count == count)
                let missing = RequestHeaders(bearer: .secret(.file(folder + "/nowhere")))
                #expect(reason(await measure(http(headers: missing), at: server.address)).contains("nowhere"))
            }
        }
    }

    // MARK: - command

    private func run(_ line: String, printsNumber: Bool) async -> Reading {
        await measure(.command(.plain(line), printsNumber: printsNumber), at: "127.0.0.1:80", timeout: .seconds(60))
    }

    @Test func commandsPrintOrExit() async throws {
        #expect(await run("echo ' 12.5 '; echo warning >&2", printsNumber: true) == .number(12.5))
        #expect(await run("true", printsNumber: false) == .number(0))
        #expect(
            await run("echo too many; exit 1", printsNumber: false)
                == .number(1, note: "the command exited 1: too many"))
        let said = await run(
            #"test "$RECONCILE_SIDE $RECONCILE_INSTANCE $RECONCILE_ADDRESS" = 'canary web-5 127.0.0.1:80' && echo 1"#,
            printsNumber: true)
        #expect(said == .number(1))
    }

    @Test func aCommandThatCannotTellIsNoData() async throws {
        #expect(reason(await run("exit 2", printsNumber: false)) == "the command exited 2")
        #expect(reason(await run("echo 5; exit 1", printsNumber: true)) == "the command exited 1")
        #expect(reason(await run("kill -9 $$", printsNumber: false)).contains("signal 9"))
        #expect(
            reason(await run("echo NaN", printsNumber: true))
                == "the command printed 'NaN', a number was expected")
        #expect(reason(await run("true", printsNumber: true)) == "the command printed nothing, a number was expected")
        #expect(reason(await run("echo 1 2", printsNumber: true)).contains("a number was expected"))
        let late = await measure(
            .command(.plain("sleep 60"), printsNumber: false), timeout: TimeSpan(milliseconds: 200))
        #expect(reason(late).contains("timed out after 200ms"))
    }

    // MARK: - prometheus

    private func prometheus(_ body: String, _ status: Int = 200) async throws -> Reading {
        try await WebServer.run({ _, _ in .init(status, body) }) { server in
            let probe = PrometheusProbe(url: .plain("http://\(server.address)/"), query: try QueryTemplate("up"))
            return await measure(.prometheus(probe))
        }
    }

    private func success(_ kind: String, _ result: String) -> String {
        #"{"status":"success","data":{"resultType":"\#(kind)","result":\#(result)}}"#
    }

    @Test func oneNumberIsAnAnswer() async throws {
        #expect(try await prometheus(success("vector", #"[{"metric":{},"value":[1.5,"0.02"]}]"#)) == .number(0.02))
        #expect(try await prometheus(success("scalar", #"[1.5,"3"]"#)) == .number(3))
    }

    @Test(arguments: [
        ("vector", "[]", "the query gave nothing"),
        (
            "vector", #"[{"metric":{},"value":[1,"1"]},{"metric":{},"value":[1,"2"]}]"#,
            "the query gave 2 series; make them one, as with sum(…)"
        ),
        (
            "vector", #"[{"metric":{},"value":[1,"NaN"]}]"#,
            "the query gave NaN, as where nothing was divided by nothing"
        ),
        ("vector", #"[{"metric":{},"value":[1,"+Inf"]}]"#, "the query gave +Inf"),
        ("matrix", "[]", "the query gave a matrix; it must give one number"),
    ])
    func otherAnswersAreNoData(_ kind: String, _ result: String, _ expected: String) async throws {
        #expect(reason(try await prometheus(success(kind, result))).hasSuffix(": " + expected))
    }

    @Test(arguments: [
        (200, "<html>"), (200, "{}"), (200, #"{"status":"success"}"#), (503, "busy"),
        (400, #"{"status":"error","error":"bad \u001b[31m query"}"#),
        (200, String(repeating: "{", count: 300_000)),
    ])
    func aServerThatIsNotWellIsNoFailure(_ status: Int, _ body: String) async throws {
        let reading = try await prometheus(body, status)
        #expect(number(reading) == nil)
        #expect(!reason(reading).unicodeScalars.contains("\u{1b}"))
    }

    @Test func theQueryIsSentFilledIn() async throws {
        let answer = success("scalar", #"[1,"1"]"#)
        try await WebServer.run({ _, _ in .init(200, answer) }) { server in
            let query = try QueryTemplate(
                #"sum(x{side="{{side}}",i=~"{{instances}}",a="{{address}}",w="{{workload}}"})+é"#)
            let probe = PrometheusProbe(url: .plain("http://\(server.address)/base/"), query: query)
            #expect(number(await measure(.prometheus(probe), at: "127.0.0.1:8080")) == 1)
            let line = server.requests[0].split(separator: "\r\n")[0]
            #expect(
                line == "GET /base/api/v1/query?query=sum%28x%7Bside%3D%22canary%22%2Ci%3D~%22web-5%7Cweb-6%22%2C"
                    + "a%3D%22127.0.0.1%3A8080%22%2Cw%3D%22web%22%7D%29%2B%C3%A9 HTTP/1.1")
            #expect(reason(await measure(.prometheus(probe))).contains("the driver gives no address"))
            let hostile = await measure(.prometheus(probe), at: #"x"} or vector(0"#)
            #expect(number(hostile) == nil)
        }
    }
}
