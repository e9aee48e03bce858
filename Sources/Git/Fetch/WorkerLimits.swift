import Glibc

/// What the kernel lets a worker have: the net below `ReceiveLimits`, for whatever the library does with a hostile pack.
enum WorkerLimits {
    /// Addresses of the process, in bytes: room for the largest object, its base and its delta, and for a large index.
    private static let memory = 4 << 30

    /// Sets them for this process and its children, never above what they are. A write beyond them fails, it does not
    /// end the process.
    static func set(for limits: ReceiveLimits) {
        signal(SIGXFSZ, SIG_IGN)
        lower(__rlimit_resource_t(RLIMIT_AS.rawValue), to: memory)
        // A pack grows by the bases of its deltas.
        lower(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), to: limits.received + limits.object)
        lower(__rlimit_resource_t(RLIMIT_CORE.rawValue), to: 0)
    }

    private static func lower(_ resource: __rlimit_resource_t, to bytes: Int) {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur > rlim_t(bytes) else { return }
        limit.rlim_cur = rlim_t(bytes)
        setrlimit(resource, &limit)
    }
}
