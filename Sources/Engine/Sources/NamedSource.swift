import Model

/// A source as the engine watches it.
package struct NamedSource: Sendable {
    /// Nil for the only one, which needs no name.
    package var name: String?
    /// Where desired state comes from.
    package var source: any Source
    /// How often the loop asks it.
    package var interval: TimeSpan

    /// All parts.
    package init(name: String?, source: any Source, interval: TimeSpan) {
        self.name = name
        self.source = source
        self.interval = interval
    }
}
