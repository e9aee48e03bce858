import DriverKit
import Model
import Processes

/// What every driver must pass: it is tried against the real thing that a sample describes. `docs/drivers.md` lists the checks.
package struct Conformance: Sendable {
    let driver: any Driver
    let sample: ConformanceSample
    let trial: Trial

    /// The driver is asked as a pass would ask it.
    package init(_ driver: any Driver, _ sample: ConformanceSample) {
        self.driver = driver
        self.sample = sample
        trial = Trial(driver)
    }

    struct Check {
        var name: String
        /// What it tries.
        var text: String
        /// Throws `Trial.Failure` or `Trial.Skip`.
        var run: () async throws -> Void
    }

    /// Runs every check, one after the other, and tells of each as it ends. Nothing is touched where something is there
    /// already; else what was made is removed at the end.
    package func run(_ tell: (ConformanceResult) -> Void) async -> [ConformanceResult] {
        var results: [ConformanceResult] = []
        func run(_ checks: [Check]) async {
            for check in checks {
                let result = await self.result(of: check)
                results.append(result)
                tell(result)
            }
        }
        if let plugin = driver as? PluginDriver { await run(PluginConformance(plugin, sample).checks) }
        await run([absent])
        guard results.last?.outcome == .passed else { return results }
        await run(acts + [cancel] + removals + [unknown])
        if let plugin = driver as? PluginDriver { await run([PluginConformance(plugin, sample).kept]) }
        for index in 1...3 { _ = await trial.remove(sample.target(last, index)) }
        await run([secrets])
        return results
    }

    /// The version that is there after an update.
    var last: Deployable { sample.second ?? sample.first }

    private func result(of check: Check) async -> ConformanceResult {
        do {
            try await check.run()
            return ConformanceResult(check: check.name, outcome: .passed, text: check.text)
        } catch let skip as Trial.Skip {
            return ConformanceResult(check: check.name, outcome: .skipped, text: skip.reason)
        } catch {
            let reason = (error as? Trial.Failure)?.reason ?? "\(error)"
            return ConformanceResult(check: check.name, outcome: .failed, text: reason)
        }
    }

    private var secrets: Check {
        Check(name: "secrets", text: "a secret of the block appears in no answer, log or error") {
            let values = sample.secrets.compactMap { try? SecretReader.read($0) }
            guard !values.isEmpty else { throw Trial.Skip("the sample names no secret: give it a {secret: …}") }
            let isEchoed = (driver as? PluginDriver)?.hasSaidSecrets ?? false
            if await trial.said(values) || isEchoed {
                throw Trial.Failure("it said the value of a secret")
            }
        }
    }
}
