import Checks
import History
import Model

extension EnvironmentReconciler {
    /// As `alone`. The checks that it asks keep a thread for the network only while some environment is at work.
    func inTurn(_ body: @Sendable () async throws(StoreError) -> EnvironmentReport) async -> EnvironmentReport {
        await parts.checker.lending { await self.alone(body) }
    }
}
