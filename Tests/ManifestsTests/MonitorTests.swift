import Manifests
import Model
import Testing

@Suite struct MonitorTests {
    private func monitors(_ items: String) throws -> [Monitor] {
        let result = Sample.parse(["web.yaml": Sample.workload("web", "monitor:\n" + items)])
        #expect(result.problems == [])
        return try #require(result.environment).workloads[0].monitors
    }

    @Test func everyProbeIsRead() throws {
        let all = try monitors(
            """
              - {name: status, http: {path: /health, port: 8080, expect: 204, requests: 5, bearer: {secret: {env: T}}}}
              - {name: slow, http: {path: /, requests: 20, percentile: 99.5}, max: 250, baseline: {max_ratio: 1.5}}
              - {name: queue, http: {url: "https://x/y", json: "$.a[2].b", headers: {X-A: b}}, min: -1, max: 1e3}
              - {name: errors, prometheus: {url: "http://p:9090/base", query: 'x{side="{{side}}"}'}, baseline: {max_difference: 0.5, min_ratio: 0.9}}
              - {name: script, command: ./x.sh}
              - {name: number, command: ./x.sh, max: 3, count: 4, consecutive: 2, initial_delay: 3s, timeout: 2s, interval: 500ms}
              - {name: died, container: memory-kills}
              - {name: both, container: restarts, max: 1, failures: 3, consecutive: 2}
            """)
        #expect(
            all[0]
                == Monitor(
                    name: "status",
                    probe: .http(
                        HTTPProbe(
                            address: .instances(path: "/health", port: 8080), expect: 204, requests: 5,
                            headers: RequestHeaders(bearer: .secret(.environment("T"))))), limits: NumberLimits(max: 0))
        )
        #expect(
            all[1]
                == Monitor(
                    name: "slow",
                    probe: .http(
                        HTTPProbe(
                            address: .instances(path: "/", port: nil), figure: .latency(percentile: 99.5), requests: 20)
                    ),
                    limits: NumberLimits(max: 250), baseline: BaselineLimits(maxRatio: 1.5)))
        let place = try #require(JSONPath("$.a[2].b"))
        #expect(place.parts == [.key("a"), .item(2), .key("b")])
        #expect(
            all[2]
                == Monitor(
                    name: "queue",
                    probe: .http(
                        HTTPProbe(
                            address: .url(.plain("https://x/y")), figure: .json(place),
                            headers: RequestHeaders(values: ["X-A": .plain("b")]))),
                    limits: NumberLimits(min: -1, max: 1000)))
        #expect(
            all[3]
                == Monitor(
                    name: "errors",
                    probe: .prometheus(
                        PrometheusProbe(
                            url: .plain("http://p:9090/base"), query: try QueryTemplate(#"x{side="{{side}}"}"#))),
                    baseline: BaselineLimits(minRatio: 0.9, maxDifference: 0.5)))
        #expect(
            all[4]
                == Monitor(
                    name: "script", probe: .command(.plain("./x.sh"), printsNumber: false), limits: NumberLimits(max: 0)
                ))
        #expect(
            all[5]
                == Monitor(
                    name: "number", probe: .command(.plain("./x.sh"), printsNumber: true), limits: NumberLimits(max: 3),
                    interval: TimeSpan(milliseconds: 500), count: 4, consecutive: 2, initialDelay: .seconds(3),
                    timeout: .seconds(2)))
        #expect(all[5].failures == nil)
        #expect(all[6] == Monitor(name: "died", probe: .container(.memoryKills), limits: NumberLimits(max: 0)))
        #expect(all[7].failures == 3 && all[7].consecutive == 2)
    }

    @Test func aMetricIsRead() throws {
        let text = Sample.workload(
            "web",
            "autoscaling: {min: 2, max: 9, metric: {http: {path: /load, json: load}}, name: load, target: 60.5, scale_up: 30s}"
        )
        let workload = try #require(Sample.parse(["web.yaml": text]).environment).workloads[0]
        let place = try #require(JSONPath("load"))
        #expect(
            workload.autoscaling
                == Autoscaling(
                    min: 2, max: 9,
                    metric: ScalingMetric(
                        name: "load",
                        probe: .http(HTTPProbe(address: .instances(path: "/load", port: nil), figure: .json(place))),
                        target: 60.5, scaleUp: .seconds(30))))
    }

    /// What stands in the list, and the one problem of it; the item begins at 6:5.
    @Test(arguments: [
        ("{name: a}", "6:5: error: exactly one of `http`, `prometheus`, `command`, `container` is expected here"),
        ("{command: x}", "6:5: error: missing key `name`"),
        ("{name: a, command: x, max: ten}", "6:32: error: `monitor.max` must be a number such as 0.01, not `ten`"),
        ("{name: a, command: x, max: nan}", "6:32: error: `monitor.max` must be a number such as 0.01, not `nan`"),
        ("{name: a, command: x, min: 2, max: 1}", "6:32: error: `min` is more than `max`"),
        (
            "{name: a, command: x, failures: 2, consecutive: 3}",
            "6:53: error: `consecutive` is more than `failures`, so it would never be reached"
        ),
        (
            "{name: a, container: oom}",
            "6:26: error: `monitor.container` must be one of restarts, memory-kills, not `oom`"
        ),
        (
            "{name: a, prometheus: {url: 'http://x', query: y}}",
            "6:5: error: the monitor `a` has no limit: give it `min`, `max` or `baseline`"
        ),
        (
            "{name: a, prometheus: {url: 'http://x', query: 'y{{sid}}'}, max: 1}",
            "6:52: error: `{{sid}}` is no variable: did you mean `side`?"
        ),
        (
            "{name: a, prometheus: {url: 'http://x', query: 'y{{side}'}, max: 1}",
            "6:52: error: `{{` is not closed by `}}`"
        ),
        (
            "{name: a, prometheus: {url: 'http://x', query: 'y{{workload}}'}, baseline: {max_ratio: 2}}",
            "6:80: error: there is nothing to compare, the query is the same for both sides: use `{{side}}` or another variable in it"
        ),
        (
            "{name: a, prometheus: {url: 'gopher://x', query: y}, max: 1}",
            "6:33: error: `url` must be an http or https address, not `gopher://x`"
        ),
        (
            "{name: a, http: {path: x}}",
            "6:28: error: `path` must begin with / and hold no spaces or control characters, not `x`"
        ),
        (
            "{name: a, http: {}}",
            "6:21: error: `http` needs either `path` (of each instance) or `url` (a whole address)"
        ),
        (
            "{name: a, http: {url: 'http://x', port: 3}}",
            "6:45: error: `port` belongs to `path`: write the port into the address"
        ),
        (
            "{name: a, http: {path: /, json: 'a[b]'}, max: 1}",
            "6:37: error: `json` must be a place such as `queues[0].length`, not `a[b]`"
        ),
        (
            "{name: a, http: {path: /, json: a, percentile: 9}, max: 1}",
            "6:37: error: `json` and `percentile` exclude each other: keep one"
        ),
        (
            "{name: a, http: {path: /, percentile: 101}, max: 1}",
            "6:43: error: `monitor.http.percentile` must be a number from 0 to 100, not `101`"
        ),
        (
            "{name: a, http: {path: /, percentile: 99}}",
            "6:5: error: the monitor `a` has no limit: give it `min`, `max` or `baseline`"
        ),
        (
            "{name: a, http: {url: 'http://x'}, baseline: {max_ratio: 2}}",
            "6:50: error: there is nothing to compare, the `url` is the same for both sides: use `path`"
        ),
        (
            "{name: a, http: {path: /}, baseline: {}}",
            "6:42: error: `baseline` is empty: give it `max_ratio`, `min_ratio` or `max_difference`"
        ),
        (
            "{name: a, http: {path: /}, baseline: {max_ratio: -1}}",
            "6:54: error: `monitor.baseline.max_ratio` must be a number such as 1.5, and not below 0, not `-1`"
        ),
        ("{name: a, http: {path: /, headers: {Host: x}}}", "6:41: error: `Host` is no name of a header"),
        (
            "{name: a, command: x}\n  - {name: a, command: y}",
            "7:12: error: another monitor of this workload is named `a`: rename one"
        ),
    ])
    func mistakesAreFoundAtTheirPlace(_ item: String, _ problem: String) {
        let text = Sample.workload("web", "monitor:\n  - " + item)
        #expect(Sample.problems(text) == ["deploy/staging/web.yaml:" + problem])
    }
}
