import DriverConformance
import FoundationEssentials
import Model
import Processes
import TestSupport
import Testing

@testable import ContainerDriver

@Suite(.fewAtOnce) struct ContainerConformanceTests {
    @Test(
        .enabled(if: DockerEngine.missing == nil, "\(DockerEngine.missing ?? "")"), .timeLimit(.minutes(15)))
    func dockerPasses() async throws { try await passes(.docker) }

    @Test(
        .enabled(if: PodmanEngine.missing == nil, "\(PodmanEngine.missing ?? "")"), .timeLimit(.minutes(15)))
    func podmanPasses() async throws { try await passes(.podman) }

    private func passes(_ kind: EngineKind) async throws {
        try await Bench.with(kind) { bench in
            try await TemporaryFolder.with { folder in
                try Data("the secret of this test\n".utf8).write(to: URL(filePath: folder + "/key"))
                func block(_ image: String, _ more: [String: Value] = [:]) -> Deployable {
                    let base: [String: Value] = [
                        "image": .string(image), "stop_grace": .int(0),
                        "env": .map(["KEY": .secret(.file(folder + "/key"))]),
                        "ports": .list([.map(["container": .int(8080)])]),
                    ]
                    return bench.deployable(base.merging(more) { $1 })
                }
                let sample = ConformanceSample(
                    workload: "web-\(kind.rawValue)", first: block(Images.checked), second: block(Images.next),
                    unreachable: block(Images.web, ["engine": .string("unix://\(folder)/none.sock")]), folder: folder,
                    healthyWithin: .seconds(60))
                let results = await Conformance(bench.driver, sample).run { _ in }
                for result in results { #expect(result.outcome == .passed, "\(result.check): \(result.text)") }
                #expect(results.count == 12)
            }
        }
    }
}
