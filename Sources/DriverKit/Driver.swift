import Model

/// What reaches one kind of thing: local commands, hosts, containers. It says what is there and brings an instance to
/// what is wanted; what differs and in which order is decided outside.
package protocol Driver: Sendable {
    /// What manifests need to know of it.
    var description: DriverDescription { get }

    /// What an instance with this block and these files runs, for its digest: everything that makes a running instance
    /// another one, and nothing else.
    func runs(block: Value, files: [SourceFile]) -> Value

    /// Tells it of everything that is wanted of it in an environment, before it is asked anything of that in a pass. What it
    /// keeps of all else there is needed no more.
    func prepare(_ wanted: [Deployable], of environment: String) async

    /// What is there now, one answer for each target, in order. Never throws: what cannot be seen is `unknown`.
    func observe(_ targets: [InstanceTarget]) async -> [Observation]

    /// Brings one instance to its deployable. Must be safe to repeat. One try: the caller repeats.
    func apply(_ target: InstanceTarget) async -> ActReport

    /// Removes one instance. Must be safe to repeat. One try: the caller repeats.
    func remove(_ target: InstanceTarget) async -> ActReport

    /// Asks once whether an instance is healthy; nil where the driver has nothing to ask.
    func health(_ target: InstanceTarget) async -> HealthReport?

    /// Whether `health` would ask anything, so that a plan shows a wait only where there is one.
    func asksHealth(block: Value) -> Bool

    /// What the moving names in the block (an image's tag) stand for now, to be kept with the plan so that every instance
    /// gets the same; nil where nothing moves. `tell` takes lines that say how far it is.
    func pin(
        _ deployable: Deployable, tell: @escaping @Sendable (String) -> Void
    ) async throws(DriverFailure) -> Value?

    /// Where a port of an instance is reached from here, `127.0.0.1:49153`: `port` as the instance names it, or its first
    /// where that is nil. Nil where there is none. Throws where what runs it cannot be asked.
    func address(of port: Int?, _ target: InstanceTarget) async throws(DriverFailure) -> String?

    /// Gives each instance the share of traffic that its `weight` says, 0–100 for its side; nil where the driver has no
    /// means of its own. Must be safe to repeat.
    func route(_ targets: [InstanceTarget]) async -> ActReport?

    /// How an instance fares, for monitors; nil where the driver cannot say.
    func vitals(_ target: InstanceTarget) async -> Vitals?

    /// What `apply` would change in files, line by line, for a dry run; none where the driver changes no files. Secrets are
    /// not in it.
    func differences(_ targets: [InstanceTarget]) async -> [FileDifference]

    /// Calls `changed` with an environment's name whenever something of it changed that no act of ours did. Returns when
    /// the task is cancelled, or at once where the driver has no events.
    func watch(_ changed: @escaping @Sendable (String) -> Void) async

    /// Ends what the driver keeps running between requests. It is asked nothing afterwards.
    func close() async
}

extension Driver {
    /// Most drivers keep nothing running.
    package func close() async {}

    /// To most drivers each instance is one by itself.
    package func prepare(_ wanted: [Deployable], of environment: String) async {}

    /// Most drivers' blocks say exactly what runs.
    package func pin(
        _ deployable: Deployable, tell: @escaping @Sendable (String) -> Void
    ) async throws(DriverFailure) -> Value? { nil }

    /// Most drivers know of no ports.
    package func address(of port: Int?, _ target: InstanceTarget) async throws(DriverFailure) -> String? { nil }

    /// Most drivers leave traffic to balancers.
    package func route(_ targets: [InstanceTarget]) async -> ActReport? { nil }

    /// Most drivers know nothing of the kind.
    package func vitals(_ target: InstanceTarget) async -> Vitals? { nil }

    /// Most drivers change no files.
    package func differences(_ targets: [InstanceTarget]) async -> [FileDifference] { [] }

    /// Most drivers have no events.
    package func watch(_ changed: @escaping @Sendable (String) -> Void) async {}

    /// The digest of what an instance runs: the driver's name and `runs`.
    package func digest(block: Value, files: [SourceFile]) -> Digest {
        Digest(of: .map(["driver": .string(description.name), "runs": runs(block: block, files: files)]))
    }
}
