import Model

/// What one workload's instances need, before any strategy has ordered it.
package struct Difference: Sendable {
    /// What is shown and recorded of it.
    package var change: Change
    /// How many instances are wanted.
    package var count: Int
    /// Instances to bring to what is wanted, in order; empty for a delete.
    package var starts: [Item]
    /// Instances of other versions that make room for `starts` as the strategy says, in order.
    package var leaving: [Item] = []
    /// Instances that are in place already.
    package var staying: [Item] = []
    /// Instances to take away for good, in order, when all else is done.
    package var removals: [Item]
    /// Everything that was there before, each with what ran there.
    package var existing: [Item] = []
    /// Instances on hosts that are out of reach: they are left as they are, and their traffic with them. `old` is what was
    /// brought there last.
    package var unseen: [Item] = []
    /// Whether the balancer was seen to give the instances that are there other than equal shares.
    package var isUneven = false
    /// Whether it runs what is wanted though that was never seen to be good.
    package var isUnproven = false
    /// `traffic` blocks of other places that may still send requests to its instances and shall not any more.
    package var formers: [Value] = []

    /// One instance of the work.
    package struct Item: Hashable, Sendable {
        /// The instance's name.
        package var instance: String
        /// Counts from 1.
        package var index: Int
        /// What is there now; nil where nothing is.
        package var old: Deployable?
        /// Whether `old` is another driver's, so that an update in place is not possible.
        package var isReplaced = false
    }
}
