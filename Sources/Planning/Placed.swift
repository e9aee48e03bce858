import Model

/// Which of a workload's instances are in place, and what the others need, however that was found.
protocol Placed {
    /// In place; `old` is what is wanted.
    var staying: [Difference.Item] { get }
    var starts: [Difference.Item] { get }
    var leaving: [Difference.Item] { get }
    var removals: [Difference.Item] { get }
    var vanished: [InstanceRecord] { get }
    /// What was seen of those that are not in place, for people.
    var seen: [(String, Observation)] { get }
    /// Whether what differs is not as it was left: git says otherwise than the record.
    var differsFromRecord: Bool { get }
    var anyRunning: Bool { get }
}
