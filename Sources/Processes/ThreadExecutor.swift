import Dispatch
import Glibc
import Synchronization

/// Runs an actor's jobs one after the other on a thread of its own, so that reading a disk never holds up the
/// cooperative pool, which has one thread a core.
package final class ThreadExecutor: SerialExecutor {
    private struct Job {
        var job: UnownedJob
        /// Keeps the executor while one of its jobs runs.
        var executor: ThreadExecutor
    }

    /// What the thread holds; it must not hold the executor, whose end is the thread's end.
    private final class Queue: Sendable {
        private let state = Mutex<(jobs: [Job], isClosed: Bool)>(([], false))
        private let semaphore = DispatchSemaphore(value: 0)

        func add(_ job: Job) {
            state.withLock { $0.jobs.append(job) }
            semaphore.signal()
        }

        func close() {
            state.withLock { $0.isClosed = true }
            semaphore.signal()
        }

        /// Nil once it is closed.
        func next() -> Job? {
            while true {
                semaphore.wait()
                let (job, isClosed) = state.withLock { state in
                    (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.isClosed)
                }
                if let job { return job }
                if isClosed { return nil }
            }
        }
    }

    private let queue = Queue()

    /// Starts the thread.
    package init() {
        let work: @Sendable () -> Void = { [queue] in
            while let next = queue.next() {
                next.job.runSynchronously(on: next.executor.asUnownedSerialExecutor())
            }
        }
        // The only failure that is possible here is that the system is out of threads for now.
        while OwnThread.start(work) != 0 { usleep(10_000) }
    }

    deinit { queue.close() }

    /// See `SerialExecutor`.
    package func enqueue(_ job: consuming ExecutorJob) {
        queue.add(Job(job: UnownedJob(job), executor: self))
    }

    /// See `SerialExecutor`.
    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}
