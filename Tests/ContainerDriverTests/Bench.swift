import DriverKit
import Model
import Processes
import TestSupport
import Testing

@testable import ContainerDriver

/// A driver and an environment of a test's own on one of the shared engines.
struct Bench: Sendable {
    let engine: ContainerEngine
    let driver: ContainerDriver
    let environment: String

    /// Lends one; every container of the environment is gone afterwards.
    static func with<R: Sendable>(
        _ kind: EngineKind = .docker, address: String? = nil, _ body: @Sendable (Bench) async throws -> R
    ) async throws -> R {
        // A run says why an engine was not tried.
        if let missing = kind.missing { try Test.cancel("\(kind.rawValue): \(missing)") }
        let engine = try await kind.shared()
        return try await with(engine, address: address, body)
    }

    static func with<R: Sendable>(
        _ engine: ContainerEngine, address: String? = nil, _ body: @Sendable (Bench) async throws -> R
    ) async throws -> R {
        try await Images.load(into: engine)
        let driver = ContainerDriver(
            runner: ProcessRunner(), slots: Slots(16), baseEnvironment: ["DOCKER_HOST": address ?? engine.address])
        let bench = Bench(
            engine: engine, driver: driver, environment: "t-\(UInt32.random(in: 0...UInt32.max))")
        do {
            let result = try await body(bench)
            try await engine.clear(bench.environment)
            await driver.close()
            return result
        } catch {
            try? await engine.clear(bench.environment)
            await driver.close()
            throw error
        }
    }

    func deployable(_ block: [String: Value], pin: Value? = nil) -> Deployable {
        let block = Value.map(block)
        return Deployable(
            driver: "container", block: block, files: [], digest: driver.digest(block: block, files: []), health: nil,
            pin: pin)
    }

    func target(_ block: [String: Value], pin: Value? = nil, folder: String = "/") -> InstanceTarget {
        target(1, block, pin: pin, folder: folder)
    }

    func target(_ index: Int, _ block: [String: Value], pin: Value? = nil, folder: String = "/") -> InstanceTarget {
        InstanceTarget(
            environment: environment, workload: "web", instance: "web-\(index)", index: index,
            commit: String(repeating: "0", count: 40), deployable: deployable(block, pin: pin), folder: folder)
    }

    func observe(_ target: InstanceTarget) async -> Observation { await driver.observe([target])[0] }

    /// Asks for its health until it is as wanted, a minute at most.
    func becomes(_ target: InstanceTarget, _ isWanted: (Verdict) -> Bool) async throws -> Verdict? {
        var last: Verdict?
        for _ in 1...600 {
            last = await driver.health(target)?.verdict
            if let last, isWanted(last) { return last }
            try await Task.sleep(for: .milliseconds(100))
        }
        return last
    }

    /// The name of an instance's container.
    func name(_ index: Int = 1) -> String { "reconcile.\(environment).web-\(index)" }
}

/// Which engine a test is for.
enum EngineKind: String, Sendable, CaseIterable {
    case docker, podman

    var missing: String? { self == .docker ? DockerEngine.missing : PodmanEngine.missing }

    func shared() async throws -> ContainerEngine {
        self == .docker ? try await DockerEngine.shared() : try await PodmanEngine.shared()
    }
}

extension InstanceTarget {
    var running: Observation { .running(deployable.digest.hex) }
}

extension Observation {
    var isUnknown: Bool {
        if case .unknown = self { true } else { false }
    }
}
