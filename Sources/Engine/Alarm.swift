import Model
import Processes

/// Does something once at an instant, unless it is cancelled before.
struct Alarm: Sendable {
    private let task: Task<Void, Never>

    init(_ instant: Timestamp, _ act: @escaping @Sendable () -> Void) {
        task = Task {
            do { try await Task.sleep(for: max(instant - WallClock.now(), .zero).duration) } catch { return }
            act()
        }
    }

    func cancel() { task.cancel() }
}
