import Glibc

/// Runs what blocks on a thread made for it, so that the cooperative pool, one thread a core, stays free.
package enum OwnThread {
    /// Waits for the body; where the system has no thread left, it runs here and now.
    package static func run<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
        await withCheckedContinuation { done in
            let work: @Sendable () -> Void = { done.resume(returning: body()) }
            if start(work) != 0 { work() }
        }
    }

    /// Begins a thread that nobody waits for. 0, or the error number of a system that has no thread left; then the body
    /// does not run.
    package static func start(_ body: @escaping @Sendable () -> Void) -> Int32 {
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(body))
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        if code == 0 { pthread_detach(thread) } else { work.release() }
        return code
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
