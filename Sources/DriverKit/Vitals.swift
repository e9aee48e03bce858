/// How an instance fares, as whatever runs it counts.
package struct Vitals: Hashable, Sendable {
    /// Whether it runs now.
    package var isRunning: Bool
    /// How often it was started again since it was put there.
    package var restarts: Int
    /// Whether it was ended for want of memory, or how often where that is counted.
    package var outOfMemory: Int

    /// All parts.
    package init(isRunning: Bool, restarts: Int, outOfMemory: Int) {
        self.isRunning = isRunning
        self.restarts = restarts
        self.outOfMemory = outOfMemory
    }
}
