import Glibc
import Processes
import Synchronization

/// Signals that ask the process for something, handed on through a pipe.
///
/// A blocked mask and `sigwait` would not do: libdispatch parks the main thread in `sigsuspend` with every signal open.
enum Signals {
    private static let numbers = [SIGINT, SIGTERM, SIGHUP]
    /// The end that the handler writes to; -1 before `hold`.
    private static let entry = Atomic<Int32>(-1)
    /// The end that `stream` reads.
    private static let exit = Atomic<Int32>(-1)

    /// Keeps SIGINT, SIGTERM and SIGHUP from ending the process; they wait until `stream` takes them.
    static func hold() {
        guard entry.load(ordering: .relaxed) < 0 else { return }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        exit.store(ends[0], ordering: .relaxed)
        entry.store(ends[1], ordering: .releasing)
        var action = sigaction()
        // Only what is safe in a handler: one atomic load, one write, and errno kept.
        action.__sigaction_handler.sa_handler = { number in
            let kept = errno
            var byte = UInt8(truncatingIfNeeded: number)
            _ = write(Signals.entry.load(ordering: .acquiring), &byte, 1)
            errno = kept
        }
        action.sa_flags = SA_RESTART
        for number in numbers { sigaction(number, &action, nil) }
    }

    /// Every signal that was held, in order. The thread stays for the life of the process.
    static func stream() -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        let source = exit.load(ordering: .relaxed)
        let code = OwnThread.start {
            var byte: UInt8 = 0
            while true {
                let count = read(source, &byte, 1)
                if count == 1 { continuation.yield(Int32(byte)) }
                if count == 0 || (count < 0 && errno != EINTR) { return continuation.finish() }
            }
        }
        if code != 0 { continuation.finish() }
        return stream
    }
}
