import Foundation
import Model
import Testing

@Suite struct MonitorTextTests {
    @Test(arguments: [
        ("0", 0.0), ("-0.5", -0.5), ("1e3", 1000), ("99.95", 99.95), ("+2", 2), ("1e-9", 1e-9),
    ])
    func numbersAreRead(_ text: String, _ number: Double) { #expect(NumberText.read(text) == number) }

    @Test(arguments: [
        "", "nan", "inf", "-inf", "1e999", "0x10", "1 2", "1,5", "--1", "1.2.3", "e", String(repeating: "1", count: 99),
    ])
    func otherTextsAreNoNumbers(_ text: String) { #expect(NumberText.read(text) == nil) }

    @Test(arguments: [
        (0.0, "0"), (0.01, "0.01"), (1.5, "1.5"), (-0.25, "-0.25"), (300, "300"), (2.0 / 3, "0.6667"),
        (-0.00001, "-1e-05"),
        (12.30001, "12.3"), (0.00099, "0.001"), (Double.nan, "not a number"), (1e300, "1e+300"), (-3.5, "-3.5"),
    ])
    func numbersAreShown(_ number: Double, _ text: String) { #expect(NumberText.shown(number) == text) }

    @Test func whatIsShownIsNear() {
        var random = Seeded(seed: 7)
        for _ in 0..<2000 {
            let number = Double.random(in: -1e6...1e6, using: &random)
            let read = NumberText.read(NumberText.shown(number))
            #expect(abs((read ?? .infinity) - number) <= 0.00005 * max(1, abs(number)))
        }
    }

    @Test func pathsAreRead() {
        #expect(JSONPath("$")?.parts == [])
        #expect(JSONPath("a")?.parts == [.key("a")])
        #expect(JSONPath("[0][12].b c")?.parts == [.item(0), .item(12), .key("b c")])
        for text in ["", ".", "a.", "a..b", "a[", "a[x]", "a[-1]", "a[01]", "$a", "a]", "a[0]b"] {
            #expect(JSONPath(text)?.parts == (text == "a]" ? [.key("a]")] : nil), "\(text)")
        }
    }

    @Test func queriesAreFilled() throws {
        let query = try QueryTemplate(#"rate(x{s="{{ side }}",i=~"{{instances}}"}[1m]) > bool {{side}}"#)
        #expect(query.variables == [.side, .instances])
        #expect(query.tellsSides && !query.isForEachInstance)
        #expect(
            query.filled([.side: "canary", .instances: "web-1|web-2"])
                == #"rate(x{s="canary",i=~"web-1|web-2"}[1m]) > bool canary"#)
        #expect(query.filled([.side: "canary"]) == nil)
        for hostile in ["x\"} or vector(0)", "a{b", "", "x\n", "{{side}}", "ü"] {
            #expect(query.filled([.side: "canary", .instances: hostile]) == nil)
        }
        #expect(try QueryTemplate("{{address}}").filled([.address: "[::1]:80"]) == "[::1]:80")
    }

    @Test func monitorsSurviveTheRecord() throws {
        let monitor = Monitor(
            name: "a",
            probe: .http(
                HTTPProbe(
                    address: .url(.secret(.file("/x"))), figure: .json(try #require(JSONPath("a[0]"))),
                    headers: RequestHeaders(values: ["A": .plain("b")], bearer: .secret(.environment("T"))))),
            limits: NumberLimits(min: 0.1, max: 1e9), baseline: BaselineLimits(maxRatio: 1.1), count: 3, consecutive: 2)
        let other = Monitor(
            name: "b",
            probe: .prometheus(PrometheusProbe(url: .plain("http://p"), query: try QueryTemplate("a{{side}}"))))
        let watch = Watch(monitors: [monitor, other], span: .seconds(3), canary: [], baseline: [])
        #expect(try JSONDecoder().decode(Watch.self, from: JSONEncoder().encode(watch)) == watch)
    }

    /// What an earlier version recorded knows nothing of monitors.
    @Test func aWorkloadWithoutMonitorsIsReadable() throws {
        let workload = Workload(name: "web", driver: "shell", block: .null)
        var fields = try #require(
            JSONSerialization.jsonObject(with: JSONEncoder().encode(workload)) as? [String: Any])
        #expect(fields.removeValue(forKey: "monitors") != nil)
        let data = try JSONSerialization.data(withJSONObject: fields)
        #expect(try JSONDecoder().decode(Workload.self, from: data) == workload)
    }
}
