import Model

/// One thing to record. Several that are committed together are recorded together or not at all, in order.
package enum JournalWrite: Sendable {
    /// A reconcile begins: its record, what differs, its steps as planned, and the rollout's state as JSON that
    /// History does not look into.
    case begin(ReconcileRecord, changes: [Change], steps: [Step], rollout: String)
    /// More steps for an open reconcile, as planned: a rollback appends.
    case addSteps(reconcile: Int, [Step])
    /// The rollout's state, as JSON. It is kept until the reconcile ends.
    case rollout(reconcile: Int, String)
    /// A step's state. `running` sets when it started, if that is not set yet; `done`, `failed` and `skipped` set when
    /// it finished; `planned` clears both. A nil detail keeps the one that is there.
    case step(reconcile: Int, id: Int, state: Step.State, at: Timestamp, detail: String?)
    /// Since when what a step waits for has been healthy without a break; nil when it is not.
    case healthy(reconcile: Int, step: Int, since: Timestamp?)
    /// A command was run for a step.
    case output(reconcile: Int, step: Int, CommandRecord, at: Timestamp)
    /// A step's monitors were asked.
    case measured(reconcile: Int, step: Int, [Measurement])
    /// A reconcile ends.
    case end(reconcile: Int, outcome: Outcome, reason: String, at: Timestamp)
    /// What was last done to an instance; one for each environment, instance and driver.
    case instance(environment: String, InstanceRecord)
    /// An instance's removal was observed. Nothing happens where it is not in the inventory.
    case removeInstance(environment: String, instance: String, driver: String)
    /// How an environment stands.
    case environment(EnvironmentRecord)
    /// A pass left a stored environment as it stood, but for what `EnvironmentRecord.isSameButForPass` leaves out.
    case passed(EnvironmentRecord)
    /// An environment is no longer watched: all of it but its reconciles is dropped.
    case forgetEnvironment(String)
    /// What an input means, without what moving names stood for: the next try asks anew. Nothing happens where it is known.
    case input(environment: String, Desired)
    /// What an input that passed was brought to, with what moving names stood for.
    case reached(environment: String, Desired)
    /// An input passed: it is good, and these digests are known good.
    case good(environment: String, input: Digest, digests: [Digest], at: Timestamp)
    /// An input failed: it is not good, and these digests are no longer known good.
    case failed(environment: String, input: Digest, digests: [Digest], at: Timestamp)
    /// What a person said to a step; the first word counts.
    case decision(environment: String, reconcile: Int, step: Int, Decision)
    /// How a workload's requests are shared out: of all its instances where it is whole, else of these.
    case traffic(environment: String, workload: String, [TrafficRecord], isWhole: Bool)
    /// What was measured of a workload that scales itself, and what followed; with more recommendations. Those from before
    /// `oldest` are dropped.
    case scale(environment: String, ScaleRecord, recommendations: [Recommendation], oldest: Timestamp)
    /// An environment's workloads run as many instances as were decided on.
    case scaled(environment: String)
    /// What an environment's superseded rollouts left is settled.
    case settled(environment: String)
    /// A workload does not scale itself any more.
    case unscale(environment: String, workload: String)
    /// A request was answered.
    case finishRequest(id: Int, succeeded: Bool, result: String, at: Timestamp)
}
