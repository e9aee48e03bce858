/// What a step that watches looks at.
package struct Watch: Hashable, Sendable, Codable {
    /// What is measured; health is asked without any.
    package var monitors: [Monitor]
    /// For how long.
    package var span: TimeSpan
    /// The new side, whose health is asked all the time.
    package var canary: [Routing.Member]
    /// The old side, for comparison; empty where nothing of it is left.
    package var baseline: [Routing.Member]

    /// All parts.
    package init(
        monitors: [Monitor] = [], span: TimeSpan, canary: [Routing.Member], baseline: [Routing.Member]
    ) {
        self.monitors = monitors
        self.span = span
        self.canary = canary
        self.baseline = baseline
    }
}
