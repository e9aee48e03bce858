import DriverConformance
import Model
import Processes
import SSHDriver
import TestSupport
import Testing

@Suite(.serialized) struct SSHConformanceTests {
    @Test(.timeLimit(.minutes(3))) func passes() async throws {
        try await Bench.with { bench in
            let root = try await bench.root()
            try TestFile.write(bench.folder + "/secret", "the secret of this test\n")
            func block(_ text: String) -> [String: Value] {
                [
                    "vars": .map(["KEY": .secret(.file(bench.folder + "/secret"))]),
                    "files": .list([
                        .text("\(root)/{{ RECONCILE_INSTANCE }}/index.html", text),
                        .entry(
                            "\(root)/{{ RECONCILE_INSTANCE }}/key",
                            ["content": .string("key={{ KEY }}\n"), "expand": .bool(true), "mode": .string("0600")]),
                    ]),
                    "health": .string("test -s '\(root)'/\"$RECONCILE_INSTANCE\"/index.html"),
                ]
            }
            let (first, folder) = try await bench.deployable(block("one"))
            let (second, _) = try await bench.deployable(block("two"))
            let port = try TestServer.freePort()
            let (unreachable, _) = try await bench.deployable(block("one"), host: ["port": .int(port)])
            let sample = ConformanceSample(
                workload: "web", first: first, second: second, unreachable: unreachable, folder: folder,
                healthyWithin: .seconds(20))
            let results = await Conformance(bench.driver, sample).run { _ in }
            for result in results { #expect(result.outcome == .passed, "\(result.check): \(result.text)") }
            #expect(results.count == 12)
        }
    }
}
