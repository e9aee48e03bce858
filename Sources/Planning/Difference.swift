import Model

/// What one workload's instances need, before any strategy has ordered it.
package struct Difference: Sendable {
    /// What is shown and recorded of it.
    package var change: Change
    /// Instances to bring to what is wanted, in order; empty for a delete.
    package var starts: [Item]
    /// Instances to take away for good, in order.
    package var removals: [Item]

    /// One instance of the work.
    package struct Item: Hashable, Sendable {
        /// The instance's name.
        package var instance: String
        /// Counts from 1.
        package var index: Int
        /// What is there now and has to be removed before or instead of a start; nil where nothing has to be.
        package var old: Deployable?
        /// Whether `old` is another driver's, so that an update in place is not possible.
        package var isReplaced: Bool
    }
}
