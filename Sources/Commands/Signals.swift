import Glibc

/// Signals that ask the process for something, taken by a thread that waits for nothing else.
enum Signals {
    /// Keeps SIGINT, SIGTERM and SIGHUP from ending the process. To be called while there is one thread only: the
    /// others take over its mask.
    static func hold() {
        var set = all()
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Every signal that was held, in order. The thread stays for the life of the process.
    static func stream() -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        OwnThread.start {
            var set = all()
            var number: Int32 = 0
            while sigwait(&set, &number) == 0 { continuation.yield(number) }
        }
        return stream
    }

    private static func all() -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&set, number) }
        return set
    }
}
