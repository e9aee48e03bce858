import Model

/// Bounds work that may not heed cancellation, such as a name server that never answers.
package enum Deadline {
    /// How the race ended.
    package enum Outcome<R: Sendable>: Sendable {
        case done(R)
        case failed(any Error)
        case late
        case cancelled
    }

    /// The work's outcome, or `late` after `timeout`, or `cancelled` when the task is. What is then still under way is
    /// cancelled and not waited for.
    package static func race<R: Sendable>(_ timeout: TimeSpan, _ work: @escaping @Sendable () async throws -> R) async
        -> Outcome<R>
    {
        let (outcomes, promise) = AsyncStream<Outcome<R>>.makeStream(bufferingPolicy: .bufferingOldest(1))
        let worker = Task {
            do { promise.yield(.done(try await work())) } catch { promise.yield(.failed(error)) }
        }
        let timer = Task {
            try await Task.sleep(for: timeout.duration)
            promise.yield(.late)
        }
        defer {
            worker.cancel()
            timer.cancel()
        }
        // Iterating ends with nil when our own task is cancelled.
        for await outcome in outcomes { return Task.isCancelled ? .cancelled : outcome }
        return .cancelled
    }
}
