import History
import Model

/// One pass over one environment as it is asked for.
struct PassCall: Sendable {
    var snapshot: Snapshot
    var trigger: Trigger
    /// Trust the record and observe nothing that it says is in place.
    var trustsRecord: Bool
    /// Let this pass delete more than `max_delete`.
    var allowDelete: Bool
    /// Why an environment that comes before is not done yet; nil where it is.
    var isWaitingFor: @Sendable (String) -> String?
    /// What is wrong with an environment's `after`, seen together with all others.
    var orderProblems: @Sendable (Environment) async -> [Problem]
    /// What a target wants of hosts that another environment has; where that is nothing, it has all of it from then on.
    var hostProblems: @Sendable (Desired, _ isWayBack: Bool) async throws(StoreError) -> [Problem]
    /// When the loop looks again; nil for a single pass.
    var next: Timestamp?
}
