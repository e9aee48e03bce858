import Glibc

/// What the first and the second signal to end do.
enum Ending {
    /// What is said of it, after the word `ending`.
    static func text(kills: Bool) -> String {
        kills ? "now: what runs is killed" : "at the next step boundary; again to end now"
    }

    /// Calls `end` for SIGINT and SIGTERM, with true from the second on; SIGHUP does what `reload` says, or ends too.
    /// The signals must be held, see `Signals`.
    static func watch(
        reload: (@Sendable () async -> Void)? = nil, _ end: @escaping @Sendable (Bool) async -> Void
    ) -> Task<Void, Never> {
        let signals = Signals.stream()
        return Task {
            var isSecond = false
            for await signal in signals {
                if signal == SIGHUP, let reload {
                    await reload()
                } else {
                    await end(isSecond)
                    isSecond = true
                }
            }
        }
    }
}
