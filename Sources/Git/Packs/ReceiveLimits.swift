/// How much one fetch may bring. What is more is refused while it comes in, before memory or disk are spent on it.
package struct ReceiveLimits: Codable, Hashable, Sendable {
    /// Bytes of a pack as it is sent.
    package var received = 2 << 30
    /// Objects of a pack.
    package var objects = 10_000_000
    /// Bytes of one object, inflated and with its delta applied.
    package var object = 512 << 20
    /// Bytes of all objects of a pack, each inflated and with its delta applied. They are never in memory or on disk
    /// together; this bounds the time it takes. A folder of 1,000 files that changed 1,000,000 times stays below it.
    package var inflated = 64 << 30

    /// Nobody's repository of manifests comes near these.
    package init() {}
}
