import Synchronization

/// Hands things from many senders to one taker, who gets all that has gathered at once.
final class Inbox<Item: Sendable>: Sendable {
    private struct State {
        var items: [Item] = []
        var taker: CheckedContinuation<[Item], Never>?
    }

    private let state = Mutex(State())

    func put(_ item: Item) {
        let taker = state.withLock { state -> CheckedContinuation<[Item], Never>? in
            guard let taker = state.taker else {
                state.items.append(item)
                return nil
            }
            state.taker = nil
            return taker
        }
        taker?.resume(returning: [item])
    }

    /// Waits until there is at least one. Only one task may wait at a time.
    func take() async -> [Item] {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state -> [Item]? in
                guard state.items.isEmpty else {
                    defer { state.items = [] }
                    return state.items
                }
                state.taker = continuation
                return nil
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }
}
