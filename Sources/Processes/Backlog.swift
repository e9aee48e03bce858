import Synchronization

/// What a kept child said and nobody took yet. The reactor's thread puts, one task takes.
final class Backlog: Sendable {
    private struct State {
        var events: [KeptProcess.Event] = []
        var first = 0
        var size = 0
        var isOver = false
        var waiting: CheckedContinuation<KeptProcess.Event?, Never>?

        /// The first event, which must be there, and whether its going made room.
        mutating func pop() -> (event: KeptProcess.Event, isRoomNew: Bool) {
            let event = events[first]
            first += 1
            let wasFull = size >= Backlog.limit
            size -= event.size
            if first == events.count || first > 1024 {
                events.removeFirst(first)
                first = 0
            }
            return (event, wasFull && size < Backlog.limit)
        }
    }

    private let state = Mutex(State())

    /// How much may wait, in bytes; what comes in one reading may go beyond.
    private static let limit = 1 << 20

    /// Whether nothing more should be put in for now.
    var isFull: Bool { state.withLock { $0.size >= Backlog.limit } }

    /// Adds one event, or hands it to whoever waits for it.
    func put(_ event: KeptProcess.Event) {
        let waiting = state.withLock { state in
            if case .ended = event { state.isOver = true }
            guard let waiting = state.waiting else {
                state.events.append(event)
                state.size += event.size
                return CheckedContinuation<KeptProcess.Event?, Never>?.none
            }
            state.waiting = nil
            return waiting
        }
        waiting?.resume(returning: event)
    }

    /// The next event, waited for; nil after the last one and where the task is cancelled. `hasRoom` is called where
    /// there is room again after there was none.
    nonisolated(nonsending) func take(hasRoom: () -> Void) async -> KeptProcess.Event? {
        if let (event, isRoomNew) = pop() {
            if isRoomNew { hasRoom() }
            return event
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let event: KeptProcess.Event?? = state.withLock { state in
                    if state.first < state.events.count { return state.pop().event }
                    if state.isOver || Task.isCancelled || state.waiting != nil { return .some(nil) }
                    state.waiting = continuation
                    return nil
                }
                if let event { continuation.resume(returning: event) }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                let waiting = state.waiting
                state.waiting = nil
                return waiting
            }
            waiting?.resume(returning: nil)
        }
    }

    private func pop() -> (event: KeptProcess.Event, isRoomNew: Bool)? {
        state.withLock { state in state.first < state.events.count ? state.pop() : nil }
    }
}
