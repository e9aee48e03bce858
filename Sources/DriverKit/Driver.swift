import Model

/// What reaches one kind of thing: local commands, hosts, containers. It says what is there and brings an instance to
/// what is wanted; what differs and in which order is decided outside.
package protocol Driver: Sendable {
    /// What manifests need to know of it.
    var description: DriverDescription { get }

    /// What an instance with this block and these files runs, for its digest: everything that makes a running instance
    /// another one, and nothing else.
    func runs(block: Value, files: [SourceFile]) -> Value

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

    /// Ends what the driver keeps running between requests. It is asked nothing afterwards.
    func close() async
}

extension Driver {
    /// Most drivers keep nothing running.
    package func close() async {}

    /// The digest of what an instance runs: the driver's name and `runs`.
    package func digest(block: Value, files: [SourceFile]) -> Digest {
        Digest(of: .map(["driver": .string(description.name), "runs": runs(block: block, files: files)]))
    }
}
