import Glibc

/// How many files the process may have open.
package enum DescriptorLimit {
    /// Raises the soft limit, up to the hard one, to what so many commands at once need; never lowers it. Children inherit
    /// it, and some walk through every number below it: so it is raised no further than that.
    package static func raise(forCommands count: Int) {
        var limit = rlimit()
        // Four each while one runs: three pipes and its handle; two more while it starts.
        let wanted = rlim_t(512 + 6 * max(0, count))
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < wanted else {
            return
        }
        limit.rlim_cur = min(wanted, limit.rlim_max)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
