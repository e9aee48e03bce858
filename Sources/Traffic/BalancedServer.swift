/// A server as a balancer is to have it.
package struct BalancedServer: Hashable, Sendable {
    /// The instance's name.
    package var name: String
    /// `HOST:PORT`, or `[ADDRESS]:PORT`.
    package var address: String
    /// Which requests it is for.
    package var group: ServerGroup
    /// Its part of its group's requests, in parts per 10,000.
    package var share: Int
    /// The same as a number of the balancer's own, to be seen beside those of its group; 0 gets nothing new.
    package var weight: Int

    /// Whether a change of these servers, and of those that leave, is about the server of this name.
    static func concerns(_ name: String, _ group: ServerGroup, _ servers: [BalancedServer], _ leaving: [SeenServer])
        -> Bool
    {
        servers.contains { $0.name == name && $0.group == group }
            || leaving.contains { $0.name == name && $0.group == group }
    }

    /// All parts.
    package init(name: String, address: String, group: ServerGroup = .everyone, share: Int, weight: Int) {
        self.name = name
        self.address = address
        self.group = group
        self.share = share
        self.weight = weight
    }
}
