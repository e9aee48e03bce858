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
    /// What is wrong with an environment's `after`, and with what it wants of hosts, seen together with all others.
    var orderProblems: @Sendable (Environment) async -> [Problem]
    /// When the loop looks again; nil for a single pass.
    var next: Timestamp?
}
