import Synchronization

/// What spoke to a server last. Where only the git command could, the library is not tried again at each look: not for an
/// hour, or until a fetch fails.
final class TransportMemory: Sendable {
    private let state = Mutex<(use: TransportUse?, found: ContinuousClock.Instant?)>((nil, nil))

    /// The last one.
    var use: TransportUse? { state.withLock { $0.use } }

    /// Why the git command is used without trying the library first; nil where the library is to be tried.
    var limit: String? {
        state.withLock { state in
            guard let found = state.found, found.duration(to: .now) < .seconds(3600) else { return nil }
            return state.use?.reason
        }
    }

    func keep(_ use: TransportUse?, succeeded: Bool) {
        state.withLock { state in
            guard let use else { return }
            let isNews = state.use != use
            state.use = use
            if use.transport != .git || !succeeded {
                state.found = nil
            } else if isNews || state.found == nil {
                state.found = .now
            }
        }
    }
}
