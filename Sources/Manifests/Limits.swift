/// What one file and one folder may hold, so that no repository can exhaust memory, stack or time.
package enum Limits {
    /// Bytes of one manifest.
    package static let fileSize = 1 << 20
    /// Entries of one environment's folder.
    package static let entries = 10_000
    /// Documents of one file.
    package static let documents = 1_000
    /// Lists and maps inside each other, aliases followed.
    package static let depth = 32
    /// Values of one file, aliases not followed.
    package static let nodes = 250_000
    /// Values that the aliases of one file stand for.
    package static let aliasedNodes = 10_000
    /// Problems that are told of one file.
    package static let findings = 100
}
