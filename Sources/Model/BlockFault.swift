/// Something wrong with a driver's block that its schema cannot say.
package struct BlockFault: Hashable, Sendable {
    /// The keys that lead to it, from inside the block on.
    package var path: [String]
    /// What is wrong and what to do, one sentence.
    package var message: String

    /// Both parts.
    package init(_ path: [String], _ message: String) {
        self.path = path
        self.message = message
    }
}
