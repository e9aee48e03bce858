import DriverKit
import Model
import Processes

/// A driver with everything that it said, for whoever looks for secrets in it.
actor Trial {
    /// Why a check failed: what was seen instead.
    struct Failure: Error {
        var reason: String
        init(_ reason: String) { self.reason = reason }
    }

    /// Why a check was not tried.
    struct Skip: Error {
        var reason: String
        init(_ reason: String) { self.reason = reason }
    }

    private let driver: any Driver
    private var said = ""

    init(_ driver: any Driver) { self.driver = driver }

    /// Whether anything that it said holds one of the values.
    func said(_ values: [Secret]) -> Bool {
        values.contains { secret in secret.withBytes { !$0.isEmpty && said.utf8.firstRange(of: $0) != nil } }
    }

    func observe(_ targets: [InstanceTarget]) async throws -> [Observation] {
        let seen = await driver.observe(targets)
        said += "\(seen)\n"
        guard seen.count == targets.count else {
            throw Failure("it gave \(seen.count) observations where \(targets.count) were asked for")
        }
        return seen
    }

    func observe(_ target: InstanceTarget) async throws -> Observation { try await observe([target])[0] }

    /// Nil where it was done.
    func apply(_ target: InstanceTarget) async -> String? { note(await driver.apply(target)) }

    /// Nil where it was done.
    func remove(_ target: InstanceTarget) async -> String? { note(await driver.remove(target)) }

    func health(_ target: InstanceTarget) async -> Verdict? {
        let report = await driver.health(target)
        said += "\(String(describing: report))\n"
        return report?.verdict
    }

    private func note(_ report: ActReport) -> String? {
        said += "\(report)\n"
        return report.failure
    }

    /// Applies, and sees that it got there.
    func bring(_ target: InstanceTarget) async throws {
        if let failure = await apply(target) { throw Failure("apply failed: \(failure)") }
        try await expect(.running(target.deployable.digest.hex), target, "after apply")
    }

    /// Sees that an instance is as it should be.
    func expect(_ wanted: Observation, _ target: InstanceTarget, _ when: String) async throws {
        let seen = try await observe(target)
        guard seen == wanted else {
            throw Failure("\(target.instance) is \(seen.shown) \(when), not \(wanted.shown)")
        }
    }
}

extension Observation {
    /// For people.
    var shown: String {
        switch self {
        case .running(let text): "running at \(VisibleText.line(text, limit: 64))"
        case .absent: "absent"
        case .unknown(let reason): "unknown (\(VisibleText.line(reason)))"
        }
    }
}
