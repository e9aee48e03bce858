import Processes
import Synchronization

/// The few threads on which all sources read their mirrors. A thread for each source would cost more memory than all else
/// of it; what is read is local and short.
package final class ReaderThreads: Sendable {
    private let limit: Int
    private let state = Mutex<(threads: [ThreadExecutor], given: Int)>(([], 0))

    /// At most `limit` threads, each started when it is first needed.
    package init(limit: Int = 4) { self.limit = limit }

    /// The thread for one more source; it has others' work, too, once there are more sources than threads.
    func next() -> ThreadExecutor {
        state.withLock { state in
            defer { state.given += 1 }
            if state.threads.count < limit {
                let thread = ThreadExecutor()
                state.threads.append(thread)
                return thread
            }
            return state.threads[state.given % limit]
        }
    }
}
