import Model

/// How much of its workload's requests an instance shall get, and gets as its balancer says.
package struct TrafficRecord: Hashable, Sendable {
    /// The workload's name.
    package var workload: String
    /// The instance's name.
    package var instance: String
    /// Percent of all requests; nil for an equal share of what the others leave.
    package var wanted: Double?
    /// Percent of all requests as it was seen; nil where nobody can see it.
    package var seen: Double?
    /// What its driver's own command was told last, the percent of its side; nil where a balancer shifts traffic.
    package var told: Int?
    /// When it was shifted.
    package var at: Timestamp

    /// All parts.
    package init(workload: String, instance: String, wanted: Double?, seen: Double?, told: Int? = nil, at: Timestamp) {
        self.workload = workload
        self.instance = instance
        self.wanted = wanted
        self.seen = seen
        self.told = told
        self.at = at
    }
}
