import Model

/// Does something once at an instant, unless it is cancelled before. Nothing of a cancelled one stays: a task that
/// sleeps keeps its timer until the time it was to wake up, cancelled or not.
package struct Alarm: Sendable {
    private let number: UInt64

    /// `act` runs on a thread of all alarms: it must be short, and wait for nothing.
    package init(_ instant: Timestamp, _ act: @escaping @Sendable () -> Void) {
        let wait = max(instant - WallClock.now(), .zero)
        number = AlarmClock.shared.set(Monotonic.now + wait.milliseconds, act)
    }

    /// Nothing happens any more, unless it is happening just now.
    package func cancel() { AlarmClock.shared.cancel(number) }
}
