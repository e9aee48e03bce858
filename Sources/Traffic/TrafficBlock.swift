import Model

/// What every `traffic` block says, whichever its balancer: how instances are reached.
package struct TrafficBlock: Sendable {
    /// The port that gets the requests, as the instance names it; nil for its first.
    package var port: Int?
    /// Where instances are, by their numbers from 1, for drivers that do not say it.
    package var addresses: [String]

    /// From a block that was checked.
    package init(_ traffic: Value) {
        port = traffic["port"].int
        addresses = traffic["addresses"].list.compactMap(\.string)
    }

    /// Where the block says that an instance is; nil where it leaves that to the driver. `index` counts from 1.
    package func address(of index: Int) -> String? {
        addresses.indices.contains(index - 1) ? addresses[index - 1] : nil
    }
}
